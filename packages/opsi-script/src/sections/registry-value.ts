import { Cursor } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { type RegistryValue, registryTypes } from "../platform/registry.ts";
import { bigNumberValue, numberValue, textsValue, textValue } from "../platform/registry-values.ts";
import { trim } from "../text/bytes.ts";
import { parseInteger64 } from "../text/numbers.ts";

/** A text without a type may name variables of the environment. */
export const untypedValue = (text: string): RegistryValue =>
  textValue(text, text.includes("%") ? registryTypes.expandText : registryTypes.text);

/** @throws SyntaxProblem for anything but a number */
export function readNumber(text: string): bigint {
  const number = parseInteger64(trim(text));
  if (number === null) throw new SyntaxProblem(`Number expected: ${text}`);
  return number;
}

/** @throws SyntaxProblem for anything but hexadecimal bytes between blanks or commas */
export function readBytes(text: string): RegistryValue {
  const words = trim(text)
    .split(/[ \t,]+/)
    .filter((word) => word !== "");
  if (!words.every((word) => /^[0-9a-f]{1,2}$/i.test(word))) throw new SyntaxProblem(`Bytes expected: ${text}`);
  return { type: registryTypes.binary, data: Buffer.from(words.map((word) => Number.parseInt(word, 16))) };
}

/** A quoted text up to the end of the line; what is wrapped in doubled quotes keeps one of them at each end. */
function quotedText(text: string): string {
  const cursor = new Cursor(text);
  const value = cursor.sectionLiteral();
  if (cursor.atEnd) return value;
  const wrapped = /^(["'])\1(.+)\1\1$/.exec(trim(text));
  if (!wrapped) throw new SyntaxProblem(`End of line expected: ${cursor.rest}`);
  const [, quote = "", inner = ""] = wrapped;
  return quote + inner.replaceAll(quote + quote, quote) + quote;
}

const plainText = (text: string) => (/^["']/.test(text) ? quotedText(text) : text);

/** How each type is written behind its name (sections §8). */
const readers: Readonly<Record<string, (text: string) => RegistryValue>> = {
  REG_SZ: (text) => textValue(plainText(text)),
  REG_EXPAND_SZ: (text) => textValue(plainText(text), registryTypes.expandText),
  REG_MULTI_SZ: (text) => textsValue(plainText(text).split("|")),
  REG_DWORD: (text) => numberValue(readNumber(plainText(text))),
  REG_QWORD: (text) => bigNumberValue(readNumber(plainText(text))),
  REG_BINARY: (text) => readBytes(plainText(text)),
};

/**
 * `[TYPE:]value` of `set` and `add`.
 *
 * @throws SyntaxProblem for an unknown type, and for a text that is no value of its type
 */
export function parseRegistryValue(text: string): RegistryValue {
  const typed = /^(REG_\w+)[ \t]*:[ \t]*(.*)$/is.exec(trim(text));
  if (!typed) return untypedValue(quotedText(trim(text)));
  const [, type = "", value = ""] = typed;
  const name = type.toUpperCase();
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (!read) throw new SyntaxProblem(`Unknown type: ${type}`);
  return read(value);
}
