import { isOpsiError, OpsiError } from "./errors.ts";
import { objectRepr } from "./object-repr.ts";
import type { Attribute, ObjectType, Values } from "./object-type.ts";
import { objectTypes } from "./objects.ts";
import { pythonRepr, pythonString, reprOf } from "./python-repr.ts";
import { relateValueLists } from "./value-lists.ts";

/** All attributes of the type in the order of its declaration, null where unset, and the name of the type. */
export interface OpsiObject {
  readonly type: string;
  readonly [attribute: string]: unknown;
}

/** Objects made here know their type: a plain hash with the same keys does not. */
const typeOf: unique symbol = Symbol("type");

/** True for an object that `fromHash` has made, false for a plain hash. */
export function isOpsiObject(value: unknown): value is OpsiObject {
  return value !== null && typeof value === "object" && typeOf in value;
}

/** The declaration behind an object, also behind a copy of one. */
export function objectTypeOf(object: OpsiObject): ObjectType {
  const type = (object as { [typeOf]?: ObjectType })[typeOf] ?? objectTypes.get(object.type);
  if (type === undefined) throw new OpsiError("ValueError", `Invalid object type: ${object.type}`);
  return type;
}

/**
 * An object from the wire, a file or a form. Unknown keys are dropped, values normalized. `type` is not looked at,
 * `ident` is decoded and goes before the single attributes. (objects §3.1 steps 2-4)
 *
 *     fromHash(OpsiClient, { id: "PC1.example.org" }).id // "pc1.example.org"
 */
export function fromHash<T extends ObjectType>(type: T, hash: Record<string, unknown>): Values<T> & OpsiObject {
  return build(type, constructorArguments(type, hash)) as Values<T> & OpsiObject;
}

/** The object as it goes over the wire: its attributes, `type` and `ident`. (objects §3.2) */
export function toHash(object: OpsiObject): Record<string, unknown> {
  return { ...object, ident: identString(object) };
}

/** The attributes that identify an object, in the order of its ident. */
export function identAttributes(type: ObjectType): readonly string[] {
  return type.identOrder ?? mandatoryAttributes(type);
}

function mandatoryAttributes(type: ObjectType): readonly string[] {
  let names = mandatoryNames.get(type);
  if (names === undefined) {
    names = Object.keys(type.attributes).filter((name) => type.attributes[name]?.ident);
    mandatoryNames.set(type, names);
  }
  return names;
}
const mandatoryNames = new WeakMap<ObjectType, readonly string[]>();

function identValues(object: OpsiObject): unknown[] {
  return identAttributes(objectTypeOf(object)).map((name) => object[name] ?? null);
}

/** The ident in its text form: values joined with `;`, null as nothing. (objects §2.1) */
export function identString(object: OpsiObject): string {
  return identValues(object)
    .map((value) => (value === null ? "" : pythonString(value)))
    .join(";");
}

/** A copy in which unset attributes have the values that an insert gives them. (objects §2, column "Default") */
export function setDefaults(object: OpsiObject): OpsiObject {
  const type = objectTypeOf(object);
  const values: Record<string, unknown> = { ...object };
  for (const [name, { initial, fixed }] of Object.entries(type.attributes)) {
    if (values[name] === null || values[name] === undefined) values[name] = fixed?.() ?? initial?.() ?? null;
  }
  return marked(type, type.valueKind === undefined ? values : { ...values, ...relateValueLists(type, values) });
}

/** The object with other values for some attributes, normalized like a new one. */
export function withValues(object: OpsiObject, changes: Record<string, unknown>): OpsiObject {
  return build(objectTypeOf(object), { ...object, ...changes });
}

/**
 * The keys of a hash that are constructor arguments. The ident is taken apart; arguments that are missing or that
 * the class does not know are errors in the words of Python. (objects §3.1)
 */
function constructorArguments(type: ObjectType, hash: Record<string, unknown>): Record<string, unknown> {
  const { type: _type, ident, ...given } = hash;
  if (Object.hasOwn(hash, "ident")) Object.assign(given, decodeIdent(type, ident));
  const known = type.abstract ? attributesBelow(type) : null;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (type.parameters.includes(key)) result[key] = value;
    else if (known?.has(key)) throw unexpectedArgument(type, key);
  }
  const missing = mandatoryAttributes(type).filter((name) => !Object.hasOwn(result, name));
  if (missing.length > 0) throw missingArguments(type.name, missing);
  return result;
}

/** What is printed of a hash that cannot be converted: without `type`, and with the ident's parts in place of it. */
export function remainingHash(type: ObjectType, hash: Record<string, unknown>): Record<string, unknown> {
  const { type: _type, ident, ...rest } = hash;
  if (!Object.hasOwn(hash, "ident")) return rest;
  return { ...rest, ...identParts(type, ident) };
}

/** `<class 'opsicommon.objects.Host'>`: how clients have always seen the name of a class in messages. */
export function classRepr(typeName: string): string {
  return `<class 'opsicommon.objects.${typeName}'>`;
}

function build(type: ObjectType, given: Record<string, unknown>): OpsiObject {
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(type.attributes))
    values[name] = attributeValue(attribute, name, given);
  if (type.valueKind !== undefined) Object.assign(values, relateValueLists(type, values));
  return makeObject(type, values);
}

/** An object of complete and normalized values: what the types with rules of their own use. */
export function makeObject(type: ObjectType, values: Record<string, unknown>): OpsiObject {
  values["type"] = type.name;
  return marked(type, values);
}

function attributeValue(attribute: Attribute, name: string, given: Record<string, unknown>): unknown {
  const { rule, ident, absent = null, absentWhenNull, fixed } = attribute;
  if (fixed !== undefined) return fixed();
  const value = given[name];
  if (value === undefined) return absent;
  if (value === null && !ident) return absentWhenNull ? absent : null;
  try {
    return rule.coerce(value);
  } catch (error) {
    if (isOpsiError(error) && error.field === undefined) Object.assign(error, { field: name });
    throw error;
  }
}

function describe(this: OpsiObject): string {
  return objectRepr(objectTypeOf(this), this);
}

function marked(type: ObjectType, values: Record<string, unknown>): OpsiObject {
  Object.defineProperty(values, typeOf, { value: type });
  Object.defineProperty(values, reprOf, { value: describe });
  return values as unknown as OpsiObject;
}

function decodeIdent(type: ObjectType, ident: unknown): Record<string, unknown> {
  const parts = identParts(type, ident);
  if (parts !== null) return parts;
  const names = pythonRepr(identAttributes(type));
  throw new OpsiError(
    "ValueError",
    `Ident ${pythonString(ident)} does not match class '${classRepr(type.name)}' constructor arguments ${names}`,
    { field: "ident" },
  );
}

/** Null when there are too few or too many parts. */
function identParts(type: ObjectType, ident: unknown): Record<string, unknown> | null {
  const names = identAttributes(type);
  if (ident !== null && typeof ident === "object" && !Array.isArray(ident)) return { ...ident };
  const parts = typeof ident === "string" ? ident.split(";") : ident;
  if (Array.isArray(parts) && parts.length === names.length) {
    return Object.fromEntries(names.map((name, index) => [name, parts[index]]));
  }
  return null;
}

function attributesBelow(type: ObjectType): ReadonlySet<string> {
  let names = namesBelow.get(type);
  if (names === undefined) {
    const family = [...objectTypes.values()].filter(({ prefix }) => type.prefix === "" || prefix === type.prefix);
    names = new Set(family.flatMap(({ attributes }) => Object.keys(attributes)));
    namesBelow.set(type, names);
  }
  return names;
}
const namesBelow = new WeakMap<ObjectType, ReadonlySet<string>>();

function unexpectedArgument(type: ObjectType, name: string): OpsiError {
  const nothing = type.parameters.length === 0;
  const problem = nothing ? "() takes no arguments" : `.__init__() got an unexpected keyword argument '${name}'`;
  return new OpsiError("TypeError", `${type.name}${problem}`, { field: name });
}

/** The complaint of a constructor in the words of CPython. */
export function missingArguments(typeName: string, names: readonly string[]): OpsiError {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop() ?? "";
  const list = quoted.length === 0 ? last : `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${last}`;
  const count = `${names.length} required positional argument${names.length === 1 ? "" : "s"}`;
  const [field = ""] = names;
  return new OpsiError("TypeError", `${typeName}.__init__() missing ${count}: ${list}`, { field });
}
