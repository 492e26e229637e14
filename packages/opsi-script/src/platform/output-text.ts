import { isUtf8 } from "node:buffer";
import { fstatSync, readSync } from "node:fs";
import { decode } from "../text/encodings.ts";

/** More output than this is cut off: it would have to be held in memory several times. */
const mostOutput = 64 * 1024 * 1024;

/** The start of the open file into which a program has written. */
export function readOutput(file: number): Buffer {
  const data = Buffer.allocUnsafe(Math.min(fstatSync(file).size, mostOutput));
  return data.subarray(0, readSync(file, data, 0, data.length, 0));
}

/**
 * What a program has written, as a byte string. Old programs of Windows write in its code page, newer ones in UTF-8 or
 * UTF-16 with a mark; a text of the code page is hardly ever valid UTF-8 by chance.
 */
export const outputText = (data: Buffer, codePage: string): string => decode(data, isUtf8(data) ? "utf8" : codePage);
