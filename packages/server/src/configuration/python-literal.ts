import { OpsiError } from "@opsi-ts/model";

/*
 * Old configuration files of opsi are Python: an assignment of a literal to a name. They are read, never run.
 * (inventory 2.1, storage 3.1)
 */

type Token = { readonly kind: "text" | "name" | "number" | "mark" | "end"; readonly text: string; readonly at: number };

const patterns = [
  ["space", /(?:[\s\\]|#[^\n]*)+/y],
  [
    "text",
    /[rRuU]?(?:"""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')/y,
  ],
  ["number", /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ["name", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["mark", /[[\]{}():,=]/y],
] as const;

function* tokens(source: string): Generator<Token> {
  for (let at = 0; at < source.length; ) {
    const [kind, text] = tokenAt(source, at);
    if (kind !== "space") yield { kind, text, at };
    at += text.length;
  }
  yield { kind: "end", text: "end of file", at: source.length };
}

function tokenAt(source: string, at: number): [(typeof patterns)[number][0], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text) return [kind, text];
  }
  throw unexpected(source, at, source.slice(at, at + 1));
}

function unexpected(source: string, at: number, text: string): OpsiError {
  const line = source.slice(0, at).split("\n").length;
  return new OpsiError("BackendConfigurationError", `Unexpected '${text}' in line ${line}`);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquote(literal: string): string {
  const raw = /^[rR]/.test(literal);
  const quoted = literal.replace(/^[rRuU]/, "");
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const text = quoted.slice(width, -width);
  if (raw) return text;
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r?\n|[\s\S])/g, (whole, code) => {
    if (/^[xuU]/.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    if (code.endsWith("\n")) return "";
    if (Object.hasOwn(escapes, code)) return escapes[code] ?? "";
    return `"'\\`.includes(code) ? code : whole;
  });
}

const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

class Reader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = [...tokens(source)];
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "end of file", at: this.#source.length };
  }

  #isAt(mark: string): boolean {
    return this.#token.kind === "mark" && this.#token.text === mark;
  }

  #skip(mark: string): boolean {
    const found = this.#isAt(mark);
    if (found) this.#next += 1;
    return found;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw unexpected(this.#source, this.#token.at, this.#token.text);
  }

  assignments(): Map<string, unknown> {
    const found = new Map<string, unknown>();
    while (this.#token.kind === "name") {
      const { text } = this.#token;
      this.#next += 1;
      this.#expect("=");
      found.set(text, this.#value());
    }
    if (this.#token.kind !== "end") throw unexpected(this.#source, this.#token.at, this.#token.text);
    return found;
  }

  #value(): unknown {
    const { kind, text, at } = this.#token;
    this.#next += 1;
    if (kind === "number") return Number(text);
    if (kind === "name" && Object.hasOwn(constants, text)) return constants[text];
    if (kind === "text") {
      let value = unquote(text);
      for (; this.#token.kind === "text"; this.#next += 1) value += unquote(this.#token.text);
      return value;
    }
    if (text === "[") return this.#list("]");
    if (text === "(") return this.#list(")");
    if (text === "{") return this.#dictionary();
    throw unexpected(this.#source, at, text);
  }

  #list(end: string): unknown[] {
    const items: unknown[] = [];
    while (!this.#skip(end)) {
      items.push(this.#value());
      if (!this.#isAt(end)) this.#expect(",");
    }
    return items;
  }

  #dictionary(): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.#skip("}")) {
      const key = this.#value();
      this.#expect(":");
      entries.push([String(key), this.#value()]);
      if (!this.#isAt("}")) this.#expect(",");
    }
    return Object.fromEntries(entries);
  }
}

/**
 * The values of `NAME = literal` lines: texts, numbers, True, False, None, lists, tuples and dictionaries.
 *
 * @example pythonAssignments("PORT = 5").get("PORT") // 5
 * @throws BackendConfigurationError naming the line for anything else
 */
export function pythonAssignments(source: string): ReadonlyMap<string, unknown> {
  return new Reader(source).assignments();
}
