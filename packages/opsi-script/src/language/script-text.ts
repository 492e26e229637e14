import { lowerAscii, trim, trimStart } from "../text/bytes.ts";
import type { SourceLine } from "./source.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

const isComment = (text: string) => text === "" || text.startsWith(";");

/** The name in a section header, lower case; `null` for any other line (language §1.3). */
export function headerName(text: string): string | null {
  const line = trim(text);
  if (line.length <= 2 || line[0] !== "[" || line.at(-1) !== "]") return null;
  const name = lowerAscii(trim(line.slice(1, -1)));
  return name === "aktionen" ? "actions" : name;
}

/** +1 for the line that begins a function definition, -1 for the one that ends it. */
export function functionNesting(text: string): number {
  const line = lowerAscii(trimStart(text));
  if (/^deffunc[ \t]/.test(line)) return 1;
  return /^endfunc(?![^ \t;])/.test(line) ? -1 : 0;
}

/**
 * The lines of a script, a section file or a function, in which sections are looked up by name. Sections inside of
 * function definitions belong to the function and are not found.
 */
export class ScriptText {
  readonly lines: SourceLine[];
  #index: Map<string, Range> | null = null;
  #indexedLines = 0;

  constructor(lines: SourceLine[]) {
    this.lines = lines;
  }

  append(lines: readonly SourceLine[]): void {
    for (const line of lines) this.lines.push(line); // as arguments of one call they may be too many
  }

  /** A copy of the section's lines without trailing empty and comment lines; `null` when it is missing or empty. */
  section(name: string): SourceLine[] | null {
    if (!this.#index || this.#indexedLines !== this.lines.length) {
      this.#index = indexSections(this.lines);
      this.#indexedLines = this.lines.length;
    }
    const range = this.#index.get(lowerAscii(trim(name)));
    if (!range) return null;
    let { end } = range;
    while (end > range.start && isComment(trim(this.lines[end - 1]?.text ?? ""))) end--;
    return end > range.start ? this.lines.slice(range.start, end) : null;
  }
}

/** The first section of a name wins. A definition without its end does not hide the sections behind it. */
function indexSections(lines: readonly SourceLine[]): Map<string, Range> {
  const lastEnd = lines.findLastIndex(({ text }) => functionNesting(text) < 0);
  const index = new Map<string, Range>();
  let open: { name: string; start: number } | null = null;
  let nesting = 0;
  const close = (end: number) => {
    if (open && !index.has(open.name)) index.set(open.name, { start: open.start, end });
  };
  for (const [number, { text }] of lines.entries()) {
    nesting = number > lastEnd ? 0 : Math.max(0, nesting + functionNesting(text));
    const name = nesting === 0 ? headerName(text) : null;
    if (name === null) continue;
    close(number);
    open = { name, start: number + 1 };
  }
  close(lines.length);
  return index;
}

/** The lines of one function of a library; empty when it has none of that name. */
export function onlyFunction(lines: readonly SourceLine[], name: string): SourceLine[] {
  const start = lines.findIndex(({ text }) => {
    const found = /^[ \t]*deffunc[ \t]+([^ \t(]+)/i.exec(text)?.[1];
    return found !== undefined && lowerAscii(found) === lowerAscii(name);
  });
  if (start < 0) return [];
  let nesting = 0;
  const end = lines.findIndex(({ text }, index) => {
    if (index >= start) nesting += functionNesting(text);
    return index >= start && nesting === 0;
  });
  return lines.slice(start, end < 0 ? lines.length : end + 1);
}
