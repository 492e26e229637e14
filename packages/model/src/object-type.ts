import type { Rule } from "./rules.ts";

/** One attribute of an object type: a row of the tables of objects §2. */
export interface Attribute<T = unknown> {
  readonly rule: Rule<T>;
  /** MySQL column type; ident columns are NOT NULL without saying so. null: no column in the type's own table. */
  readonly sql: string | null;
  /** Name of the column where it differs from the attribute's. */
  readonly column?: string;
  /** Part of the ident and mandatory for the constructor. */
  readonly ident?: true;
  /** What setDefaults() puts in place of null. Only used on insert and create. (objects §4.1) */
  readonly initial?: () => unknown;
  /** What the constructor assumes when the attribute is not given. */
  readonly absent?: unknown;
  /** The constructor takes null for not given, too. */
  readonly absentWhenNull?: true;
  /** The constructor sets this value whatever is given. */
  readonly fixed?: () => unknown;
  /** "" is stored as NULL: the way to clear the attribute. (objects §4.1) */
  readonly emptyIsNull?: true;
}

/** How the two value lists of Config and ProductProperty are treated. (objects §2.6) */
export type ValueKind = "untyped" | "text" | "boolean";

/** One type of opsi objects. Everything else (methods, tables, forms, reference) is derived from it. (objects §2) */
export interface ObjectType {
  /** Class name, the value of `type` on the wire. */
  readonly name: string;
  /** The type that this one is a kind of, null for the root of a family. */
  readonly base: string | null;
  /** Its instances are not complete: stored and sent objects should have a type below it. */
  readonly abstract?: true;
  /** What its method names start with: `host` in `host_getObjects`. */
  readonly prefix: string;
  /** Parameter name of insertObject and updateObject. */
  readonly singular: string;
  /** Parameter name of createObjects, updateObjects and deleteObjects. */
  readonly plural: string;
  readonly table: string;
  /** The table has a column `type`. Where not, a filter on `type` is ignored. (objects §5.1) */
  readonly typeColumn: boolean;
  /** Attributes and `type` in the order of the table's columns, which error texts show. (objects §5.1, storage §6.2) */
  readonly columnOrder: readonly string[];
  /** Constructor arguments in their order. A key that is no argument is dropped from a hash. */
  readonly parameters: readonly string[];
  /** Arguments of `X_create` where they differ from the constructor's. */
  readonly createParameters?: readonly string[];
  /** The write methods take no hash without `type`. (objects §3.1) */
  readonly typeRequired?: true;
  /** The ident where it is not just the mandatory attributes in their order. (objects §2.24) */
  readonly identOrder?: readonly string[];
  readonly valueKind?: ValueKind;
  /** In the order of the JSON keys. */
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** An object of the type: null where unset, never null in the ident. */
export type Values<T extends ObjectType> = { type: T["name"] } & {
  -readonly [K in keyof T["attributes"]]: T["attributes"][K] extends { ident: true }
    ? Value<T["attributes"][K]>
    : Value<T["attributes"][K]> | null;
};

type Value<A> = A extends { rule: { coerce(value: unknown): infer V } } ? V : unknown;
