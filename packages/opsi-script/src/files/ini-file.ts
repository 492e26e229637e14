import { equalIgnoringCase, trim } from "../text/bytes.ts";

const same = (left: string, right: string) => equalIgnoringCase(trim(left), trim(right));
const isHeader = (line: string) => /^\s*\[.*\]\s*$/.test(line);
const headerOf = (line: string) => trim(line).slice(1, -1);
const isComment = (line: string) => trim(line).startsWith(";");

/** Key of an entry: the part before the first `=`, or all of it. */
const keyOf = (entry: string) => {
  const at = entry.indexOf("=");
  return at < 0 ? entry : entry.slice(0, at);
};

/** An ini file as a list of lines: what is not touched stays as it is (sections §2). */
export class IniFile {
  readonly lines: string[];

  constructor(lines: readonly string[]) {
    this.lines = [...lines];
  }

  /** Index of the header and of the line behind the section; `null` when there is no such section. */
  #range(section: string): { header: number; end: number } | null {
    const header = this.lines.findIndex((line) => isHeader(line) && same(headerOf(line), section));
    if (header < 0) return null;
    const next = this.lines.findIndex((line, index) => index > header && isHeader(line));
    return { header, end: next < 0 ? this.lines.length : next };
  }

  /** Indices of the entries of a key. */
  #entries(section: string, key: string): number[] {
    const range = this.#range(section);
    if (!range) return [];
    const found: number[] = [];
    for (let index = range.header + 1; index < range.end; index++) {
      const line = this.lines[index] ?? "";
      if (trim(line) !== "" && !isComment(line) && same(keyOf(line), key)) found.push(index);
    }
    return found;
  }

  sectionNames(): string[] {
    return this.lines.filter(isHeader).map(headerOf);
  }

  /** The lines of a section without its header, unchanged. */
  section(section: string): string[] {
    const range = this.#range(section);
    return range ? this.lines.slice(range.header + 1, range.end) : [];
  }

  /** The trimmed value of the first entry without quotes around it; `undefined` when there is none. */
  value(section: string, key: string): string | undefined {
    const [index] = this.#entries(section, key);
    if (index === undefined) return undefined;
    const line = this.lines[index] ?? "";
    const at = line.indexOf("=");
    return at < 0 ? undefined : trim(line.slice(at + 1)).replace(/^(["'])(.*)\1$/, "$2");
  }

  /** New entries go behind the last line of the section that is neither empty nor a comment. */
  #append(section: string, entry: string): void {
    const range = this.#range(section);
    if (!range) {
      if (this.lines.length > 0) this.lines.push("");
      this.lines.push(`[${section}]`, entry);
      return;
    }
    let position = range.end;
    while (position > range.header + 1) {
      const line = this.lines[position - 1] ?? "";
      if (trim(line) !== "" && !isComment(line)) break;
      position--;
    }
    this.lines.splice(position, 0, entry);
  }

  /** `add`: only where the key is missing. False when the key has another value. */
  add(section: string, entry: string): boolean {
    const [index] = this.#entries(section, keyOf(entry));
    if (index !== undefined) return trim(this.lines[index] ?? "") === trim(entry);
    this.#append(section, entry);
    return true;
  }

  /** `set`: replaces the first entry of the key, else appends. */
  set(section: string, entry: string): void {
    if (!this.change(section, entry)) this.#append(section, entry);
  }

  /** `addnew`: a further entry, unless the identical one exists. */
  addNew(section: string, entry: string): void {
    const exists = this.#entries(section, keyOf(entry)).some((index) => trim(this.lines[index] ?? "") === trim(entry));
    if (!exists) this.#append(section, entry);
  }

  /** `change`: only where the key exists. */
  change(section: string, entry: string): boolean {
    const [index] = this.#entries(section, keyOf(entry));
    if (index === undefined) return false;
    this.lines[index] = entry;
    return true;
  }

  /** `del`: the first entry of a key, or the first one with that key and value. */
  delete(section: string, entry: string): boolean {
    const at = entry.indexOf("=");
    const index = this.#entries(section, keyOf(entry)).find((candidate) => {
      const line = this.lines[candidate] ?? "";
      return at < 0 || same(line.slice(line.indexOf("=") + 1), entry.slice(at + 1));
    });
    if (index === undefined) return false;
    this.lines.splice(index, 1);
    return true;
  }

  deleteSection(section: string): boolean {
    const range = this.#range(section);
    if (!range) return false;
    this.lines.splice(range.header, range.end - range.header);
    return true;
  }

  /** `replace`: whole lines, in all sections. */
  replaceLines(old: string, replacement: string): number {
    let count = 0;
    for (const [index, line] of this.lines.entries()) {
      if (!same(line, old)) continue;
      this.lines[index] = replacement;
      count++;
    }
    return count;
  }
}
