import { readFileSync } from "node:fs";
import { isAscii, splitLines, toBytes } from "../text/bytes.ts";
import { byteOrderMark, decode, isKnownEncoding } from "../text/encodings.ts";

/** One line of a script with the place that complaints name. */
export interface SourceLine {
  readonly text: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Lines of imported libraries are executed without log lines, unless debug_lib is on. */
  readonly library: boolean;
}

export interface Source {
  readonly lines: SourceLine[];
  readonly encoding: string;
  /** Something about the encoding that the log should tell. */
  readonly warning: string | null;
}

const header = /^[ \t]*encoding[ \t]*=[ \t]*([^\r\n]*)/im;

/**
 * Reads a script, include, library or section file: byte order mark, else its `encoding=` line, else the system's
 * encoding (language §1.1).
 *
 * @throws system errors of reading
 */
export function loadSource(path: string, library = false): Source {
  return parseSource(readFileSync(path), path, library);
}

/** What the `encoding=` line of a file says. */
export const declaredEncoding = (data: Buffer): string | undefined => header.exec(data.toString("latin1"))?.[1]?.trim();

export function parseSource(data: Buffer, path: string, library = false): Source {
  const mark = byteOrderMark(data);
  const declared = declaredEncoding(data);
  let encoding = "system";
  let warning: string | null = null;
  if (mark) {
    encoding = mark.encoding;
    const plain = declared?.toLowerCase().replaceAll("-", "").replace(/bom$/, "");
    if (plain !== undefined && plain !== mark.encoding) {
      warning = `Encoding of the byte order mark (${mark.encoding}) differs from the declared one (${declared})`;
    }
  } else if (declared !== undefined) {
    encoding = declared.toLowerCase() === "latin1" ? "iso-8859-1" : declared;
    if (!isKnownEncoding(encoding)) warning = `Unknown encoding: ${declared}. Fallback to system encoding`;
  } else if (!isAscii(data.toString("latin1"))) {
    warning = "No encoding given. Fallback to system encoding";
  }
  const file = toBytes(path);
  const lines = splitLines(decode(data, encoding)).map((text, index) => ({ text, file, line: index + 1, library }));
  return { lines, encoding, warning };
}
