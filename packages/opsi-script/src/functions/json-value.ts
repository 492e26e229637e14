import { toBytes, toText } from "../text/bytes.ts";

/** A JSON value. Objects keep their members in the order of the text; the original's order comes with writing. */
export type Json =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly elements: readonly Json[] }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Json> };

const unescaped: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  '"': '"',
  "'": "'",
  "\\": "\\",
  "/": "/",
};

const deepest = 500;

/**
 * Reads JSON as tolerantly as the original: keys and texts without quotes, quotes of both kinds, text behind a
 * complete value (functions §9). `null` when it is no JSON even so. Byte string in, Unicode texts inside.
 */
export function parseJson(bytes: string): Json | null {
  const reader = new Reader(toText(bytes));
  try {
    return reader.value(0);
  } catch (error) {
    if (error instanceof BrokenJson) return null;
    throw error;
  }
}

class BrokenJson extends Error {
  override readonly name = "BrokenJson";
}

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #skipBlanks(): string {
    while (/\s/.test(this.#text[this.#position] ?? "")) this.#position++;
    return this.#text[this.#position] ?? "";
  }

  #fail(): never {
    throw new BrokenJson();
  }

  value(depth: number): Json {
    if (depth > deepest) this.#fail();
    const character = this.#skipBlanks();
    if (character === "{") return this.#object(depth);
    if (character === "[") return this.#array(depth);
    if (character === '"' || character === "'") return { kind: "string", value: this.#quoted() };
    return this.#word(depth);
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#position++;
    if (this.#skipBlanks() === "}") {
      this.#position++;
      return { kind: "object", members };
    }
    for (;;) {
      const quote = this.#skipBlanks();
      const key = quote === '"' || quote === "'" ? this.#quoted() : this.#bareKey();
      if (this.#skipBlanks() !== ":") this.#fail();
      this.#position++;
      members.set(key, this.value(depth + 1));
      const next = this.#skipBlanks();
      this.#position++;
      if (next === "}") return { kind: "object", members };
      if (next !== ",") this.#fail();
    }
  }

  #array(depth: number): Json {
    const elements: Json[] = [];
    this.#position++;
    if (this.#skipBlanks() === "]") {
      this.#position++;
      return { kind: "array", elements };
    }
    for (;;) {
      elements.push(this.value(depth + 1));
      const next = this.#skipBlanks();
      this.#position++;
      if (next === "]") return { kind: "array", elements };
      if (next !== ",") this.#fail();
    }
  }

  #bareKey(): string {
    const key = /^[\p{L}\p{N}_$.-]+/u.exec(this.#text.slice(this.#position, this.#position + 1000))?.[0];
    if (key === undefined) this.#fail();
    this.#position += key.length;
    return key;
  }

  #quoted(): string {
    const quote = this.#text[this.#position];
    let value = "";
    for (let position = this.#position + 1; position < this.#text.length; position++) {
      const character = this.#text[position] ?? "";
      if (character === quote) {
        this.#position = position + 1;
        return value;
      }
      if (character !== "\\") {
        value += character;
        continue;
      }
      position++;
      const escaped = this.#text[position] ?? "";
      if (escaped === "u") {
        const digits = this.#text.slice(position + 1, position + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail();
        value += String.fromCharCode(Number.parseInt(digits, 16));
        position += 4;
      } else value += unescaped[escaped] ?? `\\${escaped}`; // what is no escape stays as it is
    }
    return this.#fail();
  }

  /** Numbers, the three words, and texts without quotes; inside of arrays and objects a text ends at a delimiter. */
  #word(depth: number): Json {
    const rest = this.#text.slice(this.#position);
    const word = /^[^,\]}:[{"\\]*/.exec(rest)?.[0].trimEnd() ?? "";
    if (word === "" || /^[^,\]}:[{"]*\\/.test(rest) || (depth === 0 && rest[word.length] === ":")) this.#fail();
    this.#position += word.length;
    return scalar(word);
  }
}

/** A word without quotes: number, `true`, `false`, `null`, otherwise a text. */
function scalar(word: string): Json {
  if (/^-?\d+$/.test(word)) return { kind: "integer", value: BigInt(word) };
  if (/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word)) return { kind: "float", value: Number(word) };
  switch (word.toLowerCase()) {
    case "true":
      return { kind: "boolean", value: true };
    case "false":
      return { kind: "boolean", value: false };
    case "null":
      return { kind: "null" };
    default:
      return { kind: "string", value: word };
  }
}

/** The hash by which the original sorts the members of an object. */
function keyHash(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++)
    hash = (Math.imul(hash, 129) + key.charCodeAt(index) + 0x9e370001) >>> 0;
  return hash;
}

/** Members as the original writes them: its search tree holds the greatest hash first. */
export function sortedMembers(members: ReadonlyMap<string, Json>): [string, Json][] {
  return [...members].sort(([left], [right]) => keyHash(right) - keyHash(left));
}

function quoted(text: string, slashes: boolean): string {
  const escaped = JSON.stringify(text);
  return slashes ? escaped.replaceAll("/", "\\/") : escaped;
}

/** A double as Pascal writes it: 17 digits and an exponent of three. */
export function pascalFloat(value: number): string {
  const [mantissa = "", exponent = "+0"] = value.toExponential(16).split("e");
  return `${mantissa}E${exponent[0]}${exponent.slice(1).padStart(3, "0")}`;
}

/** Without blanks: `{"z":1,"n":5}`. */
export function writeCompact(value: Json, slashes = false): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "boolean":
    case "integer":
    case "float":
      return String(value.value);
    case "string":
      return quoted(value.value, slashes);
    case "array":
      return `[${value.elements.map((element) => writeCompact(element, slashes)).join(",")}]`;
    case "object":
      return `{${sortedMembers(value.members)
        .map(([key, member]) => `${quoted(key, slashes)}:${writeCompact(member, slashes)}`)
        .join(",")}}`;
    default:
      return value satisfies never;
  }
}

/** With blanks: `{ "z" : 1, "a" : [1, 2] }`. */
export function writeSpaced(value: Json): string {
  switch (value.kind) {
    case "float":
      return pascalFloat(value.value);
    case "array":
      return `[${value.elements.map(writeSpaced).join(", ")}]`;
    case "object":
      if (value.members.size === 0) return "{}";
      return `{ ${sortedMembers(value.members)
        .map(([key, member]) => `${quoted(key, false)} : ${writeSpaced(member)}`)
        .join(", ")} }`;
    default:
      return writeCompact(value);
  }
}

/** On several lines, members in the order of the text. */
export function writeIndented(value: Json, indent = ""): string {
  const deeper = `${indent}  `;
  switch (value.kind) {
    case "float":
      return pascalFloat(value.value);
    case "array":
      if (value.elements.length === 0) return "[]";
      return `[\n${value.elements.map((element) => deeper + writeIndented(element, deeper)).join(",\n")}\n${indent}]`;
    case "object":
      if (value.members.size === 0) return "{}";
      return `{\n${[...value.members]
        .map(([key, member]) => `${deeper}${quoted(key, false)} : ${writeIndented(member, deeper)}`)
        .join(",\n")}\n${indent}}`;
    default:
      return writeCompact(value);
  }
}

/** A JavaScript value, as the service answers with. */
export function fromValue(value: unknown): Json {
  if (value === null || value === undefined) return { kind: "null" };
  switch (typeof value) {
    case "boolean":
      return { kind: "boolean", value };
    case "bigint":
      return { kind: "integer", value };
    case "number":
      return Number.isInteger(value) ? { kind: "integer", value: BigInt(value) } : { kind: "float", value };
    case "string":
      return { kind: "string", value };
    default:
      if (Array.isArray(value)) return { kind: "array", elements: value.map(fromValue) };
      return {
        kind: "object",
        members: new Map(Object.entries(value).map(([key, member]) => [key, fromValue(member)])),
      };
  }
}

/** Texts without quotes, null as nothing, everything else compact. Byte string. */
export const plainText = (value: Json): string =>
  toBytes(value.kind === "string" ? value.value : value.kind === "null" ? "" : writeCompact(value));
