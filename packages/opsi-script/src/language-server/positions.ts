import type { Location, Position, Range } from "vscode-languageserver/node";
import type { Place } from "../check/diagnostic.ts";
import { stops } from "../language/lexer.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { uriOf } from "./workspace.ts";

/** Characters of editors (UTF-16 units, from 0) to bytes of a line. */
export const byteAt = (line: string, character: number): number => toBytes(toText(line).slice(0, character)).length;

export function rangeOfPlace({ line, start, end }: Place): Range {
  const character = (at: number) => toText(line.text.slice(0, at)).length;
  const row = line.line - 1;
  return { start: { line: row, character: character(start) }, end: { line: row, character: character(end) } };
}

export const locationOf = (place: Place): Location => ({ uri: uriOf(place.line.file), range: rangeOfPlace(place) });

const wordStops: ReadonlySet<string> = new Set([...stops.name, ":", ";"]);

export interface Word {
  /** Byte string. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly range: Range;
}

/** The word around a position, which may be empty. */
export function wordAt(line: string, position: Position): Word {
  const at = byteAt(line, position.character);
  let start = at;
  let end = at;
  while (start > 0 && !wordStops.has(line[start - 1] ?? "")) start--;
  while (end < line.length && !wordStops.has(line[end] ?? " ")) end++;
  const place = { line: { text: line, file: "", line: position.line + 1, library: false }, start, end };
  return { text: line.slice(start, end), start, end, range: rangeOfPlace(place) };
}
