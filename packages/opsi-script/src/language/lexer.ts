import { SyntaxProblem } from "./problems.ts";

/** Characters that end a word, by the place where the word stands (language §1.4). */
export const stops = {
  statement: new Set(" \t=[]("),
  name: new Set(" \t=[]()\"',+"),
  definedFunction: new Set(" \t("),
  parameter: new Set(" \t),:"),
  plain: new Set(" \t"),
  hosts: new Set(" \t#"),
  sectionWord: new Set(" \t=[]"),
} as const;

const isBlank = (code: number) => code === 32 || code === 9;

/**
 * A position in one line. The language has no tokens of its own: what comes next depends on what is expected, so the
 * parser asks for words (up to a stop set), prefixes and strings (language §1.4, §1.5).
 */
export class Cursor {
  readonly text: string;
  position: number;

  constructor(text: string, position = 0) {
    this.text = text;
    this.position = position;
    this.skipBlanks();
  }

  get rest(): string {
    return this.text.slice(this.position);
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The next character, empty at the end. */
  get next(): string {
    return this.text[this.position] ?? "";
  }

  skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.position))) this.position++;
  }

  /** Reads up to a stop character and skips the blanks behind. */
  word(stop: ReadonlySet<string>): string {
    const start = this.position;
    while (this.position < this.text.length && !stop.has(this.text[this.position] ?? "")) this.position++;
    const word = this.text.slice(start, this.position);
    this.skipBlanks();
    return word;
  }

  /** True when the text goes on with `prefix`, ignoring the case; there is no check of a word boundary. */
  startsWith(prefix: string): boolean {
    const { text, position } = this;
    if (text.startsWith(prefix, position)) return true;
    return text.slice(position, position + prefix.length).toLowerCase() === prefix.toLowerCase();
  }

  /** Skips a prefix and the blanks behind it, if the text goes on with it. */
  skip(prefix: string): boolean {
    if (!this.startsWith(prefix)) return false;
    this.position += prefix.length;
    this.skipBlanks();
    return true;
  }

  expect(prefix: string): void {
    if (!this.skip(prefix)) throw new SyntaxProblem(`"${prefix}" expected`);
  }

  /** A string literal; the other quote and backslashes mean nothing in it. */
  literal(): string {
    const quote = this.next;
    if (quote !== '"' && quote !== "'") throw new SyntaxProblem("\" or ' expected");
    const end = this.text.indexOf(quote, this.position + 1);
    if (end < 0) throw new SyntaxProblem(`End of string (${quote}) expected`);
    const value = this.text.slice(this.position + 1, end);
    this.position = end + 1;
    this.skipBlanks();
    return value;
  }

  /** A string inside a section, in which the doubled quote means one quote character (sections, "Q2"). */
  sectionLiteral(): string {
    const quote = this.next;
    if (quote !== '"' && quote !== "'") throw new SyntaxProblem("\" or ' expected");
    let value = "";
    let start = this.position + 1;
    for (;;) {
      const end = this.text.indexOf(quote, start);
      if (end < 0) throw new SyntaxProblem(`End of string (${quote}) expected`);
      value += this.text.slice(start, end);
      start = end + 1;
      if (this.text[start] !== quote) break;
      value += quote;
      start++;
    }
    this.position = start;
    this.skipBlanks();
    return value;
  }
}
