import { isUtf8 } from "node:buffer";
import { decode } from "../text/encodings.ts";

/** More output than this is cut off: it would have to be held in memory several times. */
export const mostOutput = 64 * 1024 * 1024;

/**
 * What a program has written, as a byte string. Old programs of Windows write in its code page, newer ones in UTF-8 or
 * UTF-16 with a mark; a text of the code page is hardly ever valid UTF-8 by chance.
 */
export function outputText(data: Buffer, codePage: string): string {
  const shown = data.length > mostOutput ? data.subarray(0, mostOutput) : data;
  return decode(shown, isUtf8(shown) ? "utf8" : codePage);
}
