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
  if (possible.length > 0 && defaults !== null) {
    const allowed = new Set(possible.map(equalityKey));
    kept = defaults.filter((value) => allowed.has(equalityKey(value)));
  }
  if (possible.length === 0 && kept !== null) possible = kept;
  return {
    possibleValues: sortedValues(possible),
    defaultValues: kept === null ? null : sortedValues(kept),
    multiValue: kept !== null && kept.length > 1 ? true : (values["multiValue"] ?? null),
  };
}

function booleanLists(defaults: unknown[] | null): Record<string, unknown> {
  if (defaults === null) return {};
  const sorted = sortedValues(defaults);
  if (sorted.length > 1) {
    throw new OpsiError(
      "BackendBadValueError",
      `Bool config cannot have multiple default values: ${pythonRepr(sorted)}`,
    );
  }
  return { defaultValues: sorted };
}

function asList(value: unknown): unknown[] | null {
  return Array.isArray(value) ? value : null;
}
