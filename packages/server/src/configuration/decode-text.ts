import { OpsiError } from "@opsi-ts/model";

/** More than any site's largest file, the list of all its programs, has ever needed. */
const sizeLimit = 64 << 20;

/** What ends a line for the original, besides the usual ones. (storage 5.2) */
export const lineEnd = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const windows1252 = new TextDecoder("windows-1252");

/** @throws BackendIOError that names the file and the line */
function refuse(path: string, line: number, message: string): OpsiError {
  return new OpsiError("BackendIOError", `${path}${line > 0 ? `, line ${line}` : ""}: ${message}`, { field: path });
}

/** @throws BackendIOError for a size that no file of a site has */
export function checkSize(size: number, path: string): void {
  if (size > sizeLimit) throw refuse(path, 0, `${size} bytes, at most ${sizeLimit} are read`);
}

/**
 * UTF-8; UTF-16 with its mark; what is neither is taken for the 8-bit text of old editors. (storage 5.2)
 * A mark at the beginning is no part of the text. UTF-16 without a mark is not guessed, as the original does: half of
 * all 8-bit texts would be taken for it.
 *
 * @throws BackendIOError for what is no text, and for files of more than 64 MiB
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  checkSize(bytes.length, path);
  const text = decodeMarked(bytes) ?? decodeUtf8(bytes) ?? decodeOld(bytes, path);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw refuse(path, lineAt(text, nul), "a NUL byte: this is no text file");
  return text;
}

function decodeMarked(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return null;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function decodeOld(bytes: Uint8Array, path: string): string {
  const text = windows1252.decode(bytes);
  const control = text.search(/[\x00-\x08\x0e-\x1f\x7f]/);
  if (control >= 0) throw refuse(path, lineAt(text, control), "neither UTF-8, UTF-16 nor 8-bit text");
  return text;
}

const lineAt = (text: string, index: number) => text.slice(0, index).split(lineEnd).length;
