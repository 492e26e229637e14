import { OpsiError } from "./errors.ts";
import type { ObjectType } from "./object-type.ts";
import { pythonRepr } from "./python-repr.ts";
import { equalityKey, sortedValues } from "./value-order.ts";

/**
 * Possible values and default values of Config and ProductProperty depend on each other: defaults that are not
 * possible are dropped, without possible values the defaults take their place, more than one default makes the
 * attribute multi-valued, and both lists are sorted. (objects §2.6)
 */
export function relateValueLists(type: ObjectType, values: Record<string, unknown>): Record<string, unknown> {
  const defaults = asList(values["defaultValues"]);
  if (type.valueKind === "boolean") return booleanLists(defaults);
  let possible = asList(values["possibleValues"]);
  if (possible === null && defaults === null) return {};
  // Setting either list turns an unset list of possible values into an empty one.
  possible ??= [];
  let kept = defaults;
  let several = defaults !== null && defaults.length > 1;
  if (possible.length > 0 && defaults !== null) {
    const allowed = new Set(possible.map(equalityKey));
    const isAllowed = (value: unknown): boolean => allowed.has(equalityKey(value));
    kept = defaults.filter(isAllowed);
    several = countedDefaults(defaults, isAllowed) > 1;
  }
  if (possible.length === 0 && kept !== null) possible = kept;
  return {
    possibleValues: sortedValues(possible),
    defaultValues: kept === null ? null : sortedValues(kept),
    multiValue: several ? true : (values["multiValue"] ?? null),
  };
}

/**
 * How many defaults make an attribute multi-valued. The original takes values off the list while it walks over it and
 * so skips the one behind each that it drops: those are not stored, but they count.
 */
function countedDefaults(defaults: readonly unknown[], isAllowed: (value: unknown) => boolean): number {
  const left = [...defaults];
  for (let index = 0; index < left.length; index++) if (!isAllowed(left[index])) left.splice(index, 1);
  return left.length;
}

function booleanLists(defaults: unknown[] | null): Record<string, unknown> {
  if (defaults === null) return {};
  const sorted = sortedValues(defaults);
  if (sorted.length > 1) {
    throw severalDefaults(sorted);
  }
  return { defaultValues: sorted };
}

/** A boolean has one default. */
export function severalDefaults(values: unknown): OpsiError {
  const text = `Bool config cannot have multiple default values: ${pythonRepr(values)}`;
  return new OpsiError("BackendBadValueError", text, { field: "defaultValues" });
}

function asList(value: unknown): unknown[] | null {
  return Array.isArray(value) ? value : null;
}
