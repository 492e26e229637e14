import { lineEnd } from "../../configuration/decode-text.ts";

/*
 * How values stand in the ini files: plain text with some characters escaped, or JSON. (storage 5.2)
 */

/**
 * What stands behind the `=`. Two texts can look the same there: `decodePlain` need not give the text back. A NUL would
 * make the whole file unreadable, half of a pair of characters would not come back as it is.
 */
export function encodePlain(text: string): string {
  const line = text.toWellFormed().replaceAll("\0", "").split(lineEnd).join("\\n");
  return line.replaceAll(";", "\\;").replaceAll("#", "\\#").replaceAll("%", "%%").trim();
}

export function decodePlain(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\;", ";").replaceAll("\\#", "#").replaceAll("%%", "%");
}

/** JSON in one line. What could begin a comment or end the line for other programs is escaped. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[;#\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
