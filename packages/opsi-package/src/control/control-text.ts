import { pythonString } from "@opsi-ts/model";
import { controlError } from "../package-error.ts";

/** Blanks as the original's language takes them: with the separators \x1c-\x1f and \x85, but without \ufeff. */
const blank = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const leading = new RegExp(`^[${blank}]+`);
const leadingOne = new RegExp(`^[${blank}]`);
const anyBlank = new RegExp(`[${blank}]`);

export const stripStart = (text: string): string => text.replace(leading, "");
export const startsWithBlank = (text: string): boolean => leadingOne.test(text);

/** By hand: a regular expression takes quadratic time for texts with many blanks inside. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && anyBlank.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export const strip = (text: string): string => stripStart(stripEnd(text));

/** UTF-8 and nothing else; a byte order mark stays, and is an error to both forms. (packages 1.5, 1.6) */
export function decodeControl(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw controlError("The control file is not UTF-8; save it with this encoding", error);
  }
}

/** LF, CRLF, CR and the other characters that end a line for the original. (packages 1.5) */
export const lineEnd = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

export function splitLines(text: string): string[] {
  const lines = text.split(lineEnd);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** A number with fraction keeps it: 1.0 is the text `1.0`. */
export function floatText(value: number): string {
  return Number.isInteger(value) ? `${pythonString(value)}.0` : pythonString(value);
}

/** The values in their order, none twice. */
export const unique = (values: readonly string[]): string[] => [...new Set(values)];
