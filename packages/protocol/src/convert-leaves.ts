import { LimitError } from "./limits.ts";

/** No value that we make is nested so deep; what is must contain itself. */
const maximumDepth = 1000;

/**
 * Replaces values that a serialization cannot write as they are. `convert` sees everything that is not a plain
 * object or array and returns the value itself to keep it. Whatever needs no change is returned as the same object,
 * so the usual case costs one walk and no copies. Sets become arrays, Maps become objects.
 */
export function convertLeaves(value: unknown, convert: (leaf: unknown) => unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return convert(value);
  if (depth > maximumDepth) throw new LimitError("depth", maximumDepth);
  if (Array.isArray(value)) return convertArray(value, convert, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return convertObject(value as Record<string, unknown>, convert, depth);
  }
  if (value instanceof Set) return convertArray([...value], convert, depth);
  if (value instanceof Map) return convertObject(Object.fromEntries(value), convert, depth);
  return convert(value);
}

function convertArray(array: unknown[], convert: (leaf: unknown) => unknown, depth: number): unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < array.length; index++) {
    const before = array[index];
    const after = convertLeaves(before, convert, depth + 1);
    if (after !== before && !(Number.isNaN(after) && Number.isNaN(before))) {
      copy ??= array.slice();
      copy[index] = after;
    }
  }
  return copy ?? array;
}

function convertObject(
  object: Record<string, unknown>,
  convert: (leaf: unknown) => unknown,
  depth: number,
): Record<string, unknown> {
  let copy: Record<string, unknown> | null = null;
  for (const key in object) {
    const before = object[key];
    const after = convertLeaves(before, convert, depth + 1);
    if (after !== before && !(Number.isNaN(after) && Number.isNaN(before))) {
      copy ??= { ...object };
      copy[key] = after;
    }
  }
  return copy ?? object;
}
