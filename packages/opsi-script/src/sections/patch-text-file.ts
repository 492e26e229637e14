import { readLines } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import type { Context } from "../run/context.ts";
import { equalIgnoringCase, replaceIgnoringCase, toText, trim, upperUnicode } from "../text/bytes.ts";
import { commandLines, type SectionHandler } from "./section.ts";
import { readNamedFile, writeTextFile } from "./text-file.ts";

/** Changes of a text file line by line (sections §3). The first syntax error ends the section, the file is written. */
export const patchTextFile: SectionHandler = {
  perProfile: true,
  run: (call) => {
    const { context } = call;
    const { lines, path, encoding } = readNamedFile(call, "system");
    const patch = new TextPatch(context, lines, encoding);
    for (const line of commandLines(call)) {
      try {
        patch.execute(trim(line.text));
      } catch (problem) {
        if (!(problem instanceof SyntaxProblem)) throw problem;
        call.syntaxError(problem.message, line);
        break;
      }
    }
    if (!patch.savedElsewhere) writeTextFile(context, path, patch.lines, encoding);
    return [];
  },
};

const starts = (line: string, start: string) => upperUnicode(line).startsWith(upperUnicode(start));
const holds = (line: string, part: string) => upperUnicode(line).includes(upperUnicode(part));
const byText = (left: string, right: string) => {
  const first = upperUnicode(left);
  const second = upperUnicode(right);
  return first < second ? -1 : first > second ? 1 : 0;
};

class TextPatch {
  lines: string[];
  savedElsewhere = false;
  readonly #context: Context;
  readonly #encoding: string;
  /** -1 stands above the first line. */
  #pointer = -1;
  #separator = "=";
  #sorted = false;

  constructor(context: Context, lines: string[], encoding: string) {
    this.#context = context;
    this.lines = lines;
    this.#encoding = encoding;
  }

  execute(text: string): void {
    const cursor = new Cursor(text);
    const word = cursor.word(new Set([...stops.sectionWord, "(", '"', "'"]));
    switch (word.toLowerCase()) {
      case "findline":
        this.#find(cursor, equalIgnoringCase);
        return;
      case "findline_startingwith":
        this.#find(cursor, starts);
        return;
      case "findline_containing":
        this.#find(cursor, holds);
        return;
      case "gototop":
        this.#pointer = -1;
        return;
      case "gotobottom":
        this.#pointer = this.lines.length - 1;
        return;
      case "advanceline":
        this.#advance(cursor);
        return;
      case "insertline":
      case "insert_line":
        this.#insert(Math.max(this.#pointer, 0), argument(cursor));
        return;
      case "appendline":
      case "append_line":
        this.#append(argument(cursor));
        return;
      case "addline":
      case "add_line":
        this.#insert(this.lines.length, argument(cursor));
        return;
      case "deletetheline":
        if (this.#pointer >= 0) this.lines.splice(this.#pointer, 1);
        return;
      case "deleteline":
      case "delete_line":
        this.#deleteEqual(argument(cursor));
        return;
      case "deletealllines_startingwith":
        this.#deleteStarting(argument(cursor));
        return;
      case "append_file":
      case "appendfile":
        this.lines = this.lines.concat(this.#load(argument(cursor)));
        if (this.#sorted) this.lines.sort(byText); // once: line by line a long file takes minutes
        return;
      case "subtract_file":
      case "subtractfile":
        this.#subtract(this.#load(argument(cursor)));
        return;
      case "savetofile":
        this.savedElsewhere = writeTextFile(
          this.#context,
          toText(expandPath(argument(cursor))),
          this.lines,
          this.#encoding,
        );
        return;
      case "sorted":
        this.#sorted = true;
        this.lines.sort(byText);
        return;
      case "setkeyvalueseparator":
        this.#separator = argument(cursor)[0] ?? "=";
        return;
      case "setvaluebykey": {
        const key = cursor.sectionLiteral();
        this.#setValue(key, argument(cursor));
        return;
      }
      case "searchandreplace": {
        const old = cursor.sectionLiteral();
        const replacement = argument(cursor);
        this.lines = this.lines.map((line) => replaceIgnoringCase(line, old, replacement));
        return;
      }
      case "set_mozilla_pref":
        this.#setPreference(...preference(cursor));
        return;
      case "set_netscape_user_pref":
        this.#setUserPreference(cursor);
        return;
      case "addstringlistelement_to_mozilla_pref":
        this.#addElement(...preference(cursor));
        return;
      case "addstringlistelement_to_netscape_user_pref": {
        cursor.expect("(");
        const key = cursor.sectionLiteral();
        cursor.expect(",");
        this.#addElement("user_pref", key, lastArgument(cursor));
        return;
      }
      default:
        throw new SyntaxProblem(`Unknown command: ${word}`);
    }
  }

  /** The search begins with the line at the pointer; without success the pointer stays. */
  #find(cursor: Cursor, matches: (line: string, search: string) => boolean): void {
    const search = argument(cursor);
    const start = Math.max(this.#pointer, 0);
    const found = this.lines.findIndex((line, index) => index >= start && matches(line, search));
    if (found >= 0) this.#pointer = found;
  }

  #advance(cursor: Cursor): void {
    const count = cursor.atEnd ? 1 : Number(cursor.rest);
    if (!Number.isInteger(count)) throw new SyntaxProblem(`Integer expected: ${cursor.rest}`);
    this.#pointer = Math.min(Math.max(this.#pointer + count, 0), this.lines.length - 1);
  }

  #insert(position: number, line: string): void {
    if (!this.#sorted) this.lines.splice(position, 0, line);
    else {
      this.lines.push(line);
      this.lines.sort(byText);
    }
  }

  #append(line: string): void {
    const position = this.#pointer < 0 ? this.lines.length : Math.min(this.#pointer + 1, this.lines.length);
    this.#insert(position, line);
    this.#pointer = position;
  }

  #deleteEqual(search: string): void {
    const start = Math.max(this.#pointer, 0);
    const found = this.lines.findIndex((line, index) => index >= start && equalIgnoringCase(line, search));
    if (found >= 0) this.lines.splice(found, 1);
  }

  /** The first hit only has to contain the text: so does the original. */
  #deleteStarting(start: string): void {
    const first = this.lines.findIndex((line) => holds(line, start));
    if (first >= 0) this.lines.splice(first, 1);
    this.lines = this.lines.filter((line) => !starts(line, start));
  }

  #load(file: string): string[] {
    try {
      return readLines(file, this.#encoding);
    } catch (error) {
      this.#context.error(`${file}: ${reasonOf(error)}`);
      return [];
    }
  }

  #subtract(other: readonly string[]): void {
    let count = 0;
    while (count < other.length && count < this.lines.length && this.lines[count] === other[count]) count++;
    this.lines.splice(0, count);
  }

  #setValue(key: string, value: string): void {
    const entry = `${key}${this.#separator}${value}`;
    const found = this.lines.findIndex((line) => {
      const at = line.indexOf(this.#separator);
      return at >= 0 && equalIgnoringCase(trim(line.slice(0, at)), trim(key));
    });
    if (found >= 0) this.lines[found] = entry;
    else this.#insert(this.#pointer < 0 ? this.lines.length : this.#pointer + 1, entry);
  }

  /** Removes the entries of a key; the pointer then stands where the last one was. */
  #removePreference(start: string): boolean {
    const last = this.lines.findLastIndex((line) => line.startsWith(start));
    if (last < 0) return false;
    const before = this.lines.slice(0, last).filter((line) => line.startsWith(start)).length;
    this.lines = this.lines.filter((line) => !line.startsWith(start));
    this.#pointer = last - before;
    return true;
  }

  #setPreference(name: string, key: string, value: string): void {
    this.#removePreference(`${name}("${key}"`);
    this.#insert(this.#pointer < 0 ? this.lines.length : this.#pointer, `${name}("${key}", ${value});`);
  }

  #setUserPreference(cursor: Cursor): void {
    cursor.expect("(");
    const key = cursor.sectionLiteral();
    cursor.expect(",");
    const value = lastArgument(cursor);
    this.lines = this.lines.filter((line) => !line.startsWith(`user_pref("${key}"`));
    this.lines.push(`user_pref("${key}", ${value});`);
  }

  #addElement(name: string, key: string, rawElement: string): void {
    const element = rawElement.replace(/^(["'])(.*)\1$/, "$2");
    const start = `${name}("${key}"`;
    const index = this.lines.findIndex((line) => line.startsWith(start));
    if (index < 0) {
      this.#insert(this.lines.length, `${start}, "${element}");`);
      return;
    }
    const old = /,\s*"(.*)"\s*\)\s*;?\s*$/.exec((this.lines[index] ?? "").slice(start.length))?.[1] ?? "";
    const elements = old.split(",").map(trim);
    if (elements.includes(element)) return;
    this.lines[index] = `${start}, "${old === "" ? element : `${old}, ${element}`}");`;
  }
}

function argument(cursor: Cursor): string {
  const value = cursor.sectionLiteral();
  if (!cursor.atEnd) throw new SyntaxProblem(`Remaining char(s) not allowed here: ${cursor.rest}`);
  return value;
}

/** The raw text up to the closing parenthesis of the line, quotes included. */
function lastArgument(cursor: Cursor): string {
  const { rest } = cursor;
  const end = rest.lastIndexOf(")");
  if (end < 0) throw new SyntaxProblem('")" expected');
  return trim(rest.slice(0, end));
}

/** `("function", "key", value)` */
function preference(cursor: Cursor): [name: string, key: string, value: string] {
  cursor.expect("(");
  const name = cursor.sectionLiteral();
  cursor.expect(",");
  const key = cursor.sectionLiteral();
  cursor.expect(",");
  return [name, key, lastArgument(cursor)];
}
