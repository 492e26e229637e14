import { toText } from "../text/bytes.ts";

/** Names longer than this are not compared: the time grows with the square of the length. */
const longest = 60;

/** Letters to insert, remove, replace or swap with their neighbour; `limit + 1` where it is more than that. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    if (Math.min(...current) > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}

/** The name that was probably meant, of byte strings: at most one letter in three differs; `null` when there is none. */
export function nearestName(name: string, names: Iterable<string>): string | null {
  if (name.length > longest) return null;
  const wanted = toText(name).toLowerCase();
  let limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  let nearest: string | null = null;
  for (const candidate of names) {
    const found = distance(wanted, toText(candidate).toLowerCase(), limit);
    if (found > limit || found === 0) continue;
    nearest = candidate;
    limit = found - 1;
    if (limit === 0) break;
  }
  return nearest;
}
