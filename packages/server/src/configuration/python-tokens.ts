import { OpsiError } from "@opsi-ts/model";

/** A piece of Python source. `at` is its place in the source. */
export interface Token {
  readonly kind: "text" | "name" | "number" | "mark" | "line" | "end";
  readonly text: string;
  readonly at: number;
}

const patterns = [
  ["space", /(?:[ \t\f\r\ufeff]|\\\r?\n|#[^\n]*)+/y],
  ["line", /\n/y],
  [
    "text",
    /(?:[rRbBuU]|[rR][bB]|[bB][rR])?(?:"""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')/y,
  ],
  ["number", /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y],
  ["name", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["mark", /[[\]{}():,=+\-.;]/y],
] as const;

/** Lines end statements, but not inside of brackets. @throws BackendConfigurationError naming the line */
export function* pythonTokens(source: string): Generator<Token> {
  let depth = 0;
  for (let at = 0; at < source.length; ) {
    const [kind, text] = tokenAt(source, at);
    if (kind === "mark" && "[{(".includes(text)) depth++;
    if (kind === "mark" && "]})".includes(text)) depth--;
    if (kind !== "space" && !(kind === "line" && depth > 0)) yield { kind, text, at };
    at += text.length;
  }
  yield { kind: "end", text: "", at: source.length };
}

function tokenAt(source: string, at: number): [(typeof patterns)[number][0], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text) return [kind, text];
  }
  throw unexpected(source, { kind: "mark", text: source.slice(at, at + 1), at });
}

/** Says where, and that only values count. */
export function unexpected(source: string, { kind, text, at }: Token): OpsiError {
  const line = source.slice(0, at).split("\n").length;
  const what = kind === "end" ? "end of file" : kind === "line" ? "end of line" : text;
  const reason = "a value was expected, code is not run";
  return new OpsiError("BackendConfigurationError", `Unexpected '${what}' in line ${line}: ${reason}`);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** The text that a literal stands for. */
export function unquotePython(literal: string): string {
  const [prefix = ""] = /^[a-zA-Z]*/.exec(literal) ?? [];
  const quoted = literal.slice(prefix.length);
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const text = quoted.slice(width, -width);
  if (/r/i.test(prefix)) return text;
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r?\n|[\s\S])/g, (whole, code) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    if (code.endsWith("\n")) return "";
    if (Object.hasOwn(escapes, code)) return escapes[code] ?? "";
    return `"'\\`.includes(code) ? code : whole;
  });
}
