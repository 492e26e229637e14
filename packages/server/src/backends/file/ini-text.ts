import { lineEnd } from "../../configuration/decode-text.ts";

/** Something in a file that cannot be taken for what it should be. The rest of the file counts. */
export interface Problem {
  readonly path: string;
  /** Counted from 1; 0 where no line is to blame. */
  readonly line: number;
  readonly message: string;
}

/** The lines of a text without their ends; an end behind the last one opens no further line. */
export function splitLines(text: string): string[] {
  const lines = text.split(lineEnd);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * A line without its trailing comment. `;` and `#` begin one unless a backslash stands before or quotes are open.
 * Counted as the original does, with its defect: an escaped quote counts, too. (storage 5.2)
 */
export function withoutComment(line: string): string {
  return cutAt(cutAt(line, ";"), "#").trim();
}

function cutAt(line: string, mark: string): string {
  if (!line.includes(mark)) return line;
  const pieces = line.split(mark);
  let single = 0;
  let double = 0;
  let length = 0;
  for (const piece of pieces.slice(0, -1)) {
    length += piece.length;
    single += piece.split("'").length - 1;
    double += piece.split('"').length - 1;
    if (!piece.endsWith("\\") && single % 2 === 0 && double % 2 === 0) return line.slice(0, length);
    length += mark.length;
  }
  return line;
}
