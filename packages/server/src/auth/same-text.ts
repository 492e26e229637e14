import { timingSafeEqual } from "node:crypto";

/** Takes as long whether texts differ early or late. */
export function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
