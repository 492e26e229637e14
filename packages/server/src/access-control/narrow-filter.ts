import type { Filter } from "../backends/storage.ts";

/** Longer lists are compared as they are, without wildcards and operators. (objects 5.1) */
const longestListWithWildcards = 10;

/**
 * A filter that also demands one of some ids, which are in small letters and hold no wildcards.
 *
 * @returns null where nothing can fit
 * @see objects 5.1
 */
export function narrowFilter(filter: Filter, attribute: string, ids: ReadonlySet<string>): Filter | null {
  const given: readonly unknown[] = [filter[attribute] ?? []].flat(2);
  const fitting = given.length === 0 ? [...ids] : given.flatMap((value) => fittingIds(value, given.length, ids));
  const wanted = [...new Set(fitting)];
  return wanted.length === 0 ? null : { ...filter, [attribute]: wanted };
}

function fittingIds(value: unknown, count: number, ids: ReadonlySet<string>): string[] {
  if (value === null || value === undefined) return [];
  const text = String(value).trimEnd().toLowerCase();
  if (count > longestListWithWildcards || !/\*|^[<>]/.test(text)) return ids.has(text) ? [text] : [];
  if (text.includes("*")) {
    const parts = text.split(/\*+/);
    return [...ids].filter((id) => fits(id, parts));
  }
  const operand = text.slice(1);
  return [...ids].filter((id) => (text.startsWith("<") ? id < operand : id > operand));
}

/** Do the parts stand in the text in this order, the first at its beginning, the last at its end? */
function fits(text: string, parts: readonly string[]): boolean {
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
