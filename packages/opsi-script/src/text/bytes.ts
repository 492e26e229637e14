/**
 * Script texts are byte strings: one JavaScript character (0-255) per byte of UTF-8. Lengths, positions and parts then
 * count bytes as the original does (language §1.1, functions), output of programs passes through unchanged, and texts
 * that are not valid UTF-8 (after `reencodestr`) survive. Everything that enters or leaves the interpreter goes
 * through the functions below.
 */
const beyondAscii = /[^\x00-\x7f]/;

/** Unicode text -> byte string. */
export function toBytes(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** Byte string -> Unicode text; invalid UTF-8 becomes U+FFFD. */
export function toText(bytes: string): string {
  return beyondAscii.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

export const isAscii = (bytes: string): boolean => !beyondAscii.test(bytes);

/** `lower` and `upper` of the language map ASCII letters only (functions, unit remark 2). */
export function lowerAscii(bytes: string): string {
  return isAscii(bytes) ? bytes.toLowerCase() : bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(bytes: string): string {
  return isAscii(bytes) ? bytes.toUpperCase() : bytes.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** Upper case including letters beyond ASCII: the form in which texts are compared (language §4.3). */
export function upperUnicode(bytes: string): string {
  return isAscii(bytes) ? bytes.toUpperCase() : toBytes(toText(bytes).toUpperCase());
}

export const equalIgnoringCase = (left: string, right: string): boolean =>
  left === right || upperUnicode(left) === upperUnicode(right);

/** Removes characters up to and including the blank at both ends (Pascal's Trim). */
export function trim(bytes: string): string {
  let start = 0;
  let end = bytes.length;
  while (start < end && bytes.charCodeAt(start) <= 32) start++;
  while (end > start && bytes.charCodeAt(end - 1) <= 32) end--;
  return start === 0 && end === bytes.length ? bytes : bytes.slice(start, end);
}

export function trimStart(bytes: string): string {
  let start = 0;
  while (start < bytes.length && bytes.charCodeAt(start) <= 32) start++;
  return start === 0 ? bytes : bytes.slice(start);
}

export function trimEnd(bytes: string): string {
  let end = bytes.length;
  while (end > 0 && bytes.charCodeAt(end - 1) <= 32) end--;
  return end === bytes.length ? bytes : bytes.slice(0, end);
}

/** Parts between delimiters, whose case is ignored, also that of letters beyond ASCII where this keeps the length. */
export function splitIgnoringCase(bytes: string, delimiter: string): string[] {
  if (delimiter === "" || bytes.length < delimiter.length) return [bytes];
  let haystack = bytes.toLowerCase();
  let needle = delimiter.toLowerCase();
  if (!isAscii(bytes) || !isAscii(delimiter)) {
    const folded = toBytes(toText(bytes).toLowerCase());
    const comparable = folded.length === bytes.length;
    haystack = comparable ? folded : lowerAscii(bytes);
    needle = comparable ? toBytes(toText(delimiter).toLowerCase()) : lowerAscii(delimiter);
  }
  let found = haystack.indexOf(needle);
  if (found < 0) return [bytes];
  const parts: string[] = [];
  let start = 0;
  for (; found >= 0; found = haystack.indexOf(needle, start)) {
    parts.push(bytes.slice(start, found));
    start = found + needle.length;
  }
  parts.push(bytes.slice(start));
  return parts;
}

export function replaceIgnoringCase(bytes: string, search: string, replacement: string): string {
  const parts = splitIgnoringCase(bytes, search);
  return parts.length === 1 ? bytes : parts.join(replacement);
}

/** Lines of a byte string; CR LF, LF and CR end a line, a final line end does not start another one. */
export function splitLines(bytes: string): string[] {
  if (bytes === "") return [];
  const lines = bytes.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
