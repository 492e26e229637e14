import { OpsiError } from "./errors.ts";
import { pythonTypeName } from "./python-repr.ts";
import { compareText } from "./python-text.ts";

/** Order and equality of JSON values as Python sees them. */

/**
 * The values in ascending order: texts by code point, numbers and booleans by value.
 * Values that cannot be compared (a text and a number) are a TypeError in Python's words. (objects §2.7)
 */
export function sortedValues<T>(values: readonly T[], options: { nullsLast?: boolean } = {}): T[] {
  const nulls = options.nullsLast ? values.filter((value) => value === null) : [];
  const rest = nulls.length > 0 ? values.filter((value) => value !== null) : [...values];
  if (rest.every((value) => typeof value === "string")) return [...rest.sort(compareAsText), ...nulls];
  // Short lists are compared in the order in which Python does it: the text names the first pair that fails.
  const sorted = rest.length < 64 ? insertionSort(rest) : rest.sort(compareValues);
  return [...sorted, ...nulls];
}

/** Each value once, the first occurrence stays. `true` equals 1 as in Python. */
export function uniqueValues<T>(values: readonly T[]): T[] {
  const seen = new Set<unknown>();
  return values.filter((value) => {
    const key = equalityKey(value);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Negative, zero or positive. */
function compareValues(left: unknown, right: unknown): number {
  if (isLess(left, right)) return -1;
  return isLess(right, left) ? 1 : 0;
}

/** Values with the same key are equal in Python. */
export function equalityKey(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  if (value === null || typeof value !== "object") return value;
  return `\u0000${JSON.stringify(value, keysInOrder)}`;
}

function keysInOrder(_key: string, value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}

function compareAsText(left: unknown, right: unknown): number {
  return compareText(left as string, right as string);
}

function insertionSort<T>(values: readonly T[]): T[] {
  const sorted: T[] = [];
  for (const value of values) {
    let low = 0;
    let high = sorted.length;
    // The usual case, a list in order already, needs one comparison per element.
    if (high > 0 && !isLess(value, sorted[high - 1])) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLess(value, sorted[middle])) high = middle;
      else low = middle + 1;
    }
    sorted.splice(low, 0, value);
  }
  return sorted;
}

function isLess(left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right) < 0;
  if (isNumber(left) && isNumber(right)) return left < right;
  if (Array.isArray(left) && Array.isArray(right)) return isListLess(left, right);
  const names = [left, right].map((value) => `'${pythonTypeName(value)}'`);
  throw new OpsiError("TypeError", `'<' not supported between instances of ${names.join(" and ")}`);
}

function isNumber(value: unknown): value is number | bigint | boolean {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";
}

function isListLess(left: readonly unknown[], right: readonly unknown[]): boolean {
  for (const [index, item] of left.entries()) {
    if (index >= right.length) return false;
    if (equalityKey(item) !== equalityKey(right[index])) return isLess(item, right[index]);
  }
  return left.length < right.length;
}
