import { OpsiError } from "@opsi-ts/model";
import { Turn } from "../turn.ts";
import { type Problem, splitLines, withoutComment } from "./ini-text.ts";
import { decodePlain, encodeJson, encodePlain } from "./ini-value.ts";

interface Line {
  raw: string;
  /** Null for comments, blank lines and what we do not understand: they stay where they are. */
  readonly option: Option | null;
}

interface Option {
  readonly name: string;
  /** Behind the delimiter, without a trailing comment. */
  text: string;
  /** Behind the delimiter up to the end of the line. */
  whole: string;
  /** The text where the line cannot hold it unambiguously; it stands in a comment below. */
  exact: string | null;
  /** Its number when it was read, 0 for what was set since. */
  line: number;
}

interface Section {
  readonly name: string;
  /** Comments directly above the head go with it. */
  readonly head: string[];
  readonly lines: Line[];
  /** Also those of later sections with the same name: all of them are one to its readers. */
  readonly options: Map<string, Option>;
  readonly twins: Section[];
  removed: boolean;
}

/** Begins a comment that holds the exact text of the option above. */
const exactMark = ';= "';

/**
 * A file in the ini dialect of the classic File backend (storage 5.2) as people and programs have left it: order,
 * comments and unknown lines stay when options are changed.
 */
export class IniDocument {
  readonly #path: string;
  readonly #foldsSections: boolean;
  readonly #preamble: string[] = [];
  readonly #sections: Section[] = [];
  /** The first one of each name. */
  readonly #byName = new Map<string, Section>();
  /** Names as they are spelled, by how they are in lower case. */
  readonly #spelled = new Map<string, string>();
  readonly #lineEnd: string;
  readonly problems: Problem[] = [];

  private constructor(path: string, foldsSections: boolean, lineEnd: string) {
    this.#path = path;
    this.#foldsSections = foldsSections;
    this.#lineEnd = lineEnd;
  }

  /** @param options.foldsSections names of sections are taken in lower case, as in the audit files (storage 5.6) */
  static async parse(text: string, path: string, options: { foldsSections?: boolean } = {}): Promise<IniDocument> {
    const document = new IniDocument(path, options.foldsSections ?? false, /\r\n/.test(text) ? "\r\n" : "\n");
    const turn = new Turn();
    let number = 0;
    for (const line of splitLines(text)) {
      document.#read(line, ++number);
      if (number % 500 === 0 && turn.isOver) await turn.pass();
    }
    return document;
  }

  #read(raw: string, number: number): void {
    const section = this.#sections.at(-1);
    const stripped = raw.trim();
    if (stripped === "" || stripped.startsWith(";") || stripped.startsWith("#")) {
      this.#keep(raw);
      const option = section?.lines.at(-2)?.option;
      if (option && stripped.startsWith(exactMark)) option.exact = exactText(stripped.slice(2), option);
      return;
    }
    const line = withoutComment(stripped);
    const name = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (name !== undefined) {
      this.#openSection(raw, this.#foldsSections ? name.toLowerCase() : name, number);
      return;
    }
    const delimiter = line.search(/[=:]/);
    if (!section || delimiter < 1) {
      this.#keep(raw);
      this.#complain(number, section ? "neither a section nor an option" : "an option before the first section");
      return;
    }
    const option: Option = {
      name: line.slice(0, delimiter).trim().toLowerCase(),
      text: line.slice(delimiter + 1).trim(),
      whole: stripped.slice(delimiter + 1).trim(),
      exact: null,
      line: number,
    };
    const { options } = section;
    if (options.has(option.name))
      this.#complain(number, `option '${option.name}' is there already, this one does not count`);
    else options.set(option.name, option);
    section.lines.push({ raw, option });
  }

  #keep(raw: string): void {
    const section = this.#sections.at(-1);
    if (section) section.lines.push({ raw, option: null });
    else this.#preamble.push(raw);
  }

  #openSection(raw: string, name: string, number: number): void {
    if (this.#byName.has(name)) this.#complain(number, `section '${name}' is there already`);
    const above = this.#sections.at(-1)?.lines;
    const comments = above?.findLastIndex(({ raw: text }) => !/^\s*[;#]/.test(text) || isExact(text)) ?? -1;
    const head = above?.splice(comments + 1).map((line) => line.raw) ?? [];
    this.#append(name, [...head, raw]);
  }

  #append(name: string, head: string[]): Section {
    const first = this.#byName.get(name);
    const section: Section = { name, head, lines: [], options: first?.options ?? new Map(), twins: [], removed: false };
    this.#sections.push(section);
    if (first) first.twins.push(section);
    else {
      this.#byName.set(name, section);
      if (!this.#spelled.has(name.toLowerCase())) this.#spelled.set(name.toLowerCase(), name);
    }
    return section;
  }

  #complain(line: number, message: string): void {
    this.problems.push({ path: this.#path, line, message });
  }

  /** The line of an option, for messages; 0 when it is not there. */
  lineOf(section: string, option: string): number {
    return this.#byName.get(section)?.options.get(option)?.line ?? 0;
  }

  /** In the order of the file, each once. */
  get sections(): Iterable<string> {
    return this.#byName.keys();
  }

  has(section: string): boolean {
    return this.#byName.has(section);
  }

  /** The section of this name as the file spells it, the name itself when there is none. */
  sectionNamed(name: string): string {
    return this.#byName.has(name) ? name : (this.#spelled.get(name.toLowerCase()) ?? name);
  }

  options(section: string): string[] {
    return [...(this.#byName.get(section)?.options.keys() ?? [])];
  }

  /** The decoded text of an option, null when it is not there. */
  text(section: string, option: string): string | null {
    const found = this.#byName.get(section)?.options.get(option);
    return found ? (found.exact ?? decodePlain(found.text)) : null;
  }

  /**
   * The value of an option with JSON, null when it is not there. A value that the rules for comments have cut into
   * something that is no JSON counts in full: the original wrote it so, and could not read it again. (storage 5.2)
   *
   * @throws BackendBadValueError for what is no JSON
   */
  json(section: string, option: string): unknown {
    const found = this.#byName.get(section)?.options.get(option);
    if (!found) return null;
    for (const text of [found.text, found.whole]) {
      try {
        return JSON.parse(text);
      } catch {
        // what is wrong with it is said below
      }
    }
    throw new OpsiError("BackendBadValueError", `Option '${option}' of section '${section}' is not JSON`, {
      field: option,
    });
  }

  setText(section: string, option: string, value: string): void {
    if (this.text(section, option) === value) return;
    const text = encodePlain(value);
    this.#set(section, option, text, decodePlain(text) === value ? null : value);
  }

  setJson(section: string, option: string, value: unknown): void {
    if (this.#byName.get(section)?.options.has(option)) {
      try {
        if (JSON.stringify(this.json(section, option)) === JSON.stringify(value)) return;
      } catch {
        // what was no JSON is replaced
      }
    }
    this.#set(section, option, encodeJson(value), null);
  }

  #set(name: string, option: string, text: string, exact: string | null): void {
    checkOption(option);
    const section = this.addSection(name);
    const before = this.#take(name, option);
    const added: Line[] = [
      { raw: `${option} = ${text}`, option: { name: option, text, whole: text, exact, line: 0 } },
      ...(exact === null ? [] : [{ raw: `;= ${encodeJson(exact)}`, option: null }]),
    ];
    const place = before ?? section.lines.findLastIndex((line) => line.raw.trim() !== "") + 1;
    section.lines.splice(place, 0, ...added);
    const [line] = added;
    if (line?.option) section.options.set(option, line.option);
  }

  /** The section stays, also without options. */
  remove(name: string, option: string): void {
    this.#take(name, option);
  }

  /** Removes an option, also where it is repeated; says where in the first section of the name it was. */
  #take(name: string, option: string): number | undefined {
    const first = this.#byName.get(name);
    if (!first?.options.delete(option)) return undefined;
    let place: number | undefined;
    for (const section of [first, ...first.twins]) {
      for (let index = section.lines.length - 1; index >= 0; index--) {
        if (section.lines[index]?.option?.name !== option) continue;
        section.lines.splice(index, isExact(section.lines[index + 1]?.raw ?? "") ? 2 : 1);
        if (section === first) place = index;
      }
    }
    return place;
  }

  /** Adds a section at the end unless it is there. */
  addSection(name: string): Section {
    const known = this.#byName.get(name);
    if (known) return known;
    checkSection(name);
    const last = this.#sections.findLast(({ removed }) => !removed);
    const above = last ? (last.lines.at(-1)?.raw ?? last.head.at(-1)) : this.#preamble.at(-1);
    const blank = above !== undefined && above.trim() !== "";
    return this.#append(name, [...(blank ? [""] : []), `[${name}]`]);
  }

  /** With everything in it; the comments directly above its head go along. */
  removeSection(name: string): void {
    const first = this.#byName.get(name);
    if (!first) return;
    for (const section of [first, ...first.twins]) section.removed = true;
    this.#byName.delete(name);
    if (this.#spelled.get(name.toLowerCase()) === name) this.#spelled.delete(name.toLowerCase());
  }

  toString(): string {
    const sections = this.#sections.filter(({ removed }) => !removed);
    const lines = [
      ...this.#preamble,
      ...sections.flatMap(({ head, lines: own }) => [...head, ...own.map(({ raw }) => raw)]),
    ];
    return lines.map((line) => `${line}${this.#lineEnd}`).join("");
  }
}

const isExact = (line: string) => line.trimStart().startsWith(exactMark);

/** The comment counts while it belongs to the line above: somebody may have changed that one only. */
function exactText(json: string, option: Option): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" && encodePlain(value) === option.text ? value : null;
  } catch {
    return null;
  }
}

function checkOption(name: string): void {
  if (
    /^[^\s=:;#[\0](?:[^=:;#\0\v\f\r\n\x1c-\x1e\x85\u2028\u2029]*[^\s=:;#\0])?$/.test(name) &&
    name === name.toLowerCase()
  )
    return;
  throw new OpsiError("BackendBadValueError", `The File backend cannot store the name '${name}'`, { field: name });
}

function checkSection(name: string): void {
  if (name.trim() !== "" && !/[\];#\0\v\f\r\n\x1c-\x1e\x85\u2028\u2029]/.test(name)) return;
  throw new OpsiError("BackendBadValueError", `The File backend cannot store the name '${name}'`, { field: name });
}
