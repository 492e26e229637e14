import type { ObjectType } from "./object-type.ts";
import { rule } from "./rules.ts";

/*
 * The classes at the top of opsi's hierarchy have no table and no methods, but their names are known: a hash of such
 * a type is taken for an object, which then fits nowhere. (objects §2.1, 3.1)
 */

const none = {
  base: null,
  abstract: true,
  prefix: "",
  singular: "",
  plural: "",
  table: "",
  typeColumn: false,
  columnOrder: [],
  parameters: [],
  attributes: {},
} as const;

const baseTypes: ReadonlyMap<string, ObjectType> = new Map(
  [
    { ...none, name: "BaseObject" },
    { ...none, name: "Entity" },
    { ...none, name: "Relationship" },
    {
      ...none,
      name: "Object",
      parameters: ["id", "description", "notes"],
      attributes: {
        description: { rule: rule.string, sql: null },
        notes: { rule: rule.string, sql: null },
        id: { rule: rule.objectId, sql: null, ident: true },
      },
    } satisfies ObjectType,
  ].map((type): [string, ObjectType] => [type.name, type]),
);

export function baseType(name: string): ObjectType | null {
  return baseTypes.get(name) ?? null;
}
