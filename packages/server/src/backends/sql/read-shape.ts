import type { ObjectType } from "@opsi-ts/model";
import type { Query, Restriction } from "../storage.ts";
import type { Column, Layout } from "./layout.ts";

/** Where the value of an attribute comes from when an object is read. */
export type Source =
  | { readonly kind: "constant"; readonly value: unknown }
  /** `ownOnly`: null but in the caller's own objects. */
  | { readonly kind: "column"; readonly column: Column; readonly ownOnly: boolean }
  /** `bool`: the values are 0 and 1 and stand for booleans. */
  | { readonly kind: "values"; readonly column: "value" | "productId"; readonly onlyDefaults: boolean; bool: boolean }
  /** True where there is more than one default value, else null. */
  | { readonly kind: "severalDefaults" };

/** Value lists of configs, product properties and license pools, null for other attributes. */
function valueList({ values }: Layout, type: ObjectType, attribute: string): Source | null {
  if (!values) return null;
  const bool = type.name.startsWith("Bool");
  const column = values.kind === "productIds" ? "productId" : "value";
  if (attribute === "defaultValues") return { kind: "values", column, onlyDefaults: true, bool };
  if (attribute === "possibleValues") {
    return bool ? { kind: "constant", value: [false, true] } : { kind: "values", column, onlyDefaults: false, bool };
  }
  return attribute === "productIds" ? { kind: "values", column, onlyDefaults: false, bool } : null;
}

function sourceOf(
  layout: Layout,
  type: ObjectType,
  attribute: string,
  selected: ReadonlySet<string> | null,
  restriction: Restriction | undefined,
): Source {
  const list = valueList(layout, type, attribute);
  if (list) return list;
  const { fixed, absent } = type.attributes[attribute] ?? {};
  if (fixed) return { kind: "constant", value: fixed() };
  const column = layout.columns.get(attribute);
  // What the constructor does not take is lost when the object is made of the row.
  const read =
    column &&
    type.parameters.includes(attribute) &&
    (selected === null || selected.has(attribute) || column.ident) &&
    !restriction?.hidden.has(attribute);
  if (read) return { kind: "column", column, ownOnly: restriction?.ownOnly.has(attribute) ?? false };
  // More than one default value says that several are possible, whatever was asked for. (objects 2.6)
  if (attribute === "multiValue" && layout.values) return { kind: "severalDefaults" };
  // What was not read shows the default of the class's constructor. (objects 5.2)
  return { kind: "constant", value: absent ?? null };
}

/** The attributes of an object as a query reads it, in the order in which they are shown. (objects 3.2) */
export function objectShape(layout: Layout, type: ObjectType, query: Query): (readonly [string, Source])[] {
  const { attributes = [], restriction } = query;
  const selected = attributes.length > 0 ? new Set(attributes) : null;
  return Object.keys(type.attributes).map(
    (attribute) => [attribute, sourceOf(layout, type, attribute, selected, restriction)] as const,
  );
}
