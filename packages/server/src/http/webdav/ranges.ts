/** Both ends belong to it. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What of a file a Range header asks for: null = everything, "unsatisfiable" = 416. The unit is not looked at. Several
 * ranges are not answered as multipart: those that touch are joined, then the one with the highest start is sent, as
 * the original does; zsync clients ask for one range at a time. (service 4.2)
 */
export function requestedRange(header: string, size: number): ByteRange | "unsatisfiable" | null {
  if (size === 0 || header.trim() === "") return null;
  const parts = header.slice(header.indexOf("=") + 1).split(",");
  const found: ByteRange[] = [];
  for (const part of parts) {
    // trimmed first: an expression with blanks at its start tries every length of what is none (3 s for 60 KB of them)
    const match = /^(\d*)\s*-\s*(\d*)$/.exec(part.trim());
    const range = match === null ? null : clipped(match[1] ?? "", match[2] ?? "", size);
    if (range !== null) found.push(range);
  }
  found.sort((a, b) => a.start - b.start);
  let last: ByteRange | null = null;
  for (const range of found) {
    const joins: boolean = last !== null && range.start <= last.end + 1;
    last = joins && last !== null ? { start: last.start, end: Math.max(last.end, range.end) } : range;
  }
  return last ?? "unsatisfiable";
}

/** null for what is no range of this file: `5-2`, `-0`, a start behind the end. */
function clipped(first: string, second: string, size: number): ByteRange | null {
  if (first === "") {
    const length = second === "" ? 0 : Number(second);
    return length === 0 ? null : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = second === "" ? size - 1 : Math.min(Number(second), size - 1);
  return start <= end && start < size ? { start, end } : null;
}
