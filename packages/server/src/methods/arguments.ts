import { forceList, OpsiError, pythonRepr, pythonTypeName, rule } from "@opsi-ts/model";

/** Lists of ids as methods take them: a single value is a list of one, null and the empty text mean none. */
function idList(value: unknown, coerce: (value: unknown) => string): string[] {
  if (value === null || value === undefined || value === "") return [];
  return forceList(value).map(coerce);
}

/** @throws ValueError `Bad fqdn: ...` */
export const hostIds = (value: unknown): string[] => idList(value, rule.hostId.coerce);
/** @throws ValueError `Bad object id: ...` */
export const objectIds = (value: unknown): string[] => idList(value, rule.objectId.coerce);
/** @throws ValueError `Bad product id: ...` */
export const productIds = (value: unknown): string[] => idList(value, rule.productId.coerce);

/** Values of a filter: wildcards are left as they are. */
export function filterValues(value: unknown): unknown[] {
  return value === null || value === undefined || value === "" ? [] : forceList(value);
}

/** @throws TypeError, ValueError as Python's int() */
export function wholeNumber(value: unknown): number {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "string") {
    const expected = "a string, a bytes-like object or a real number";
    throw new OpsiError("TypeError", `int() argument must be ${expected}, not '${pythonTypeName(value)}'`);
  }
  if (/^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new OpsiError("ValueError", `invalid literal for int() with base 10: ${pythonRepr(value)}`);
}

/** What Python takes for false: nothing was given. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false || value === 0) return true;
  return Array.isArray(value) ? value.length === 0 : typeof value === "object" && Object.keys(value).length === 0;
}

export const emptyAsNull = (value: unknown): unknown => (value === "" ? null : (value ?? null));

/** Whether a filter compares the value as it is: it looks neither like a wildcard nor like a comparison. */
export const isPlainText = (value: unknown): value is string => typeof value === "string" && !/^[<>]|\*/.test(value);
