import { declaredEncoding } from "../language/source.ts";
import { byteOrderMark, decode, encode } from "../text/encodings.ts";
import { formatLines } from "./format-lines.ts";

/** Encodings in which a blank or a line end is not one byte. */
const wide = /^(?:utf|ucs)-?(?:16|32|2)/i;

/**
 * The content of a script file, indented. Encoding, byte order mark, line ends and whatever bytes a line has stay.
 *
 * @param unit of one level
 */
export function formatFile(data: Buffer, unit: string): Buffer {
  const mark = byteOrderMark(data);
  const encoding = mark?.encoding ?? declaredEncoding(data) ?? "system";
  if (!wide.test(encoding)) {
    const length = mark?.length ?? 0;
    const text = formatText(data.toString("latin1", length), unit);
    return Buffer.concat([data.subarray(0, length), Buffer.from(text, "latin1")]);
  }
  const name = mark ? `${encoding}bom` : encoding;
  const text = decode(data, encoding);
  if (!encode(text, name).equals(data)) return data; // something in it would be lost
  return encode(formatText(text, unit), name);
}

function formatText(text: string, unit: string): string {
  const parts = text.split(/(\r\n|\n|\r)/); // lines and the ends behind them in turn
  const lines = formatLines(
    parts.filter((_part, index) => index % 2 === 0),
    unit,
  );
  const end = (index: number) => parts[2 * index + 1] ?? "";
  // nothing between CR and LF would make one line end of two
  const isNeeded = (index: number) => end(index - 1) === "\r" && end(index) === "\n";
  return lines.map((line, index) => (line === "" && isNeeded(index) ? parts[2 * index] : line) + end(index)).join("");
}
