import type { HardwareTypes } from "./audit-hardware.ts";
import { baseType } from "./base-types.ts";
import { defaultHardwareTypes } from "./default-hardware-classes.ts";
import { isOpsiError, OpsiError } from "./errors.ts";
import type { HardwareTypeName } from "./hardware-object-type.ts";
import { classRepr, fromHash, isOpsiObject, type OpsiObject, remainingHash } from "./object.ts";
import type { ObjectType } from "./object-type.ts";
import { isSubtype, objectTypes } from "./objects.ts";
import { isHash, pythonRepr, pythonString, pythonTypeName } from "./python-repr.ts";

/**
 * From JSON to objects, as the RPC layer and the methods do it. The messages are those that clients know.
 * (objects §3.1)
 */

/** What conversion needs to know besides the declared types: the hardware classes of this site. */
export interface ConversionContext {
  readonly hardware?: HardwareTypes;
}

/**
 * A parameter of a call: lists element by element, a hash whose `type` is a known class as object, everything else
 * unchanged. A hash that is not a good object of its class is a ValueError.
 */
export function convertParameter(value: unknown, context: ConversionContext = {}): unknown {
  if (Array.isArray(value)) return value.map((item) => convertParameter(item, context));
  if (!isHash(value) || isOpsiObject(value) || !Object.hasOwn(value, "type")) return value;
  const name = value["type"];
  if (name !== null && typeof name === "object") {
    throw notCreated(value, new OpsiError("TypeError", `unhashable type: '${pythonTypeName(name)}'`));
  }
  if (typeof name !== "string" || !isClassName(name)) return value;
  try {
    return objectOfType(name, value, context);
  } catch (error) {
    throw notCreated(remainder(name, value), error);
  }
}

/** No object needs more characters. The limits of a body do not see how many brackets a text within it holds. */
const longestObject = 1_000_000;

/** How much a method asks of a parameter that has to be an object. */
export interface RequireOptions extends ConversionContext {
  /** A hash without `type` is an error. Default: what the type declares. */
  readonly typeRequired?: boolean;
}

/**
 * The parameter of a write method as object of the type or one below it: an object stays, a hash is converted (without
 * `type` to the type itself, if that is allowed), a text that starts with `{` is parsed first.
 *
 *     requireObject({ id: "pc1.example.org" }, Host)
 */
export function requireObject(value: unknown, type: ObjectType, options: RequireOptions = {}): OpsiObject {
  const typeRequired = options.typeRequired ?? type.typeRequired ?? false;
  const isText = typeof value === "string" && value.startsWith("{") && value.length <= longestObject && !typeRequired;
  const hash = isText ? parseHash(value, type) : value;
  if (isOpsiObject(hash)) {
    if (!isSubtype(hash.type, type.name)) throw notA(hash, type.name);
    return hash;
  }
  if (!isHash(hash)) throw typeRequired ? notSubscriptable(hash) : notA(value, type.name);
  if (isHardwareName(type.name)) return hardwareOf(options).fromHash(type.name, hash);
  const typed = Object.hasOwn(hash, "type");
  if (!typed && typeRequired) throw new OpsiError("KeyError", "'type'");
  const object = hashToObject(hash, typed ? hash["type"] : type.name, type, options);
  if (!isSubtype(object.type, type.name)) throw notA(object, type.name);
  return object;
}

/** These methods look for the type at once, and Python complains that there is nothing to look into. */
function notSubscriptable(value: unknown): OpsiError {
  const name = pythonTypeName(value);
  if (name === "str") return new OpsiError("TypeError", "string indices must be integers, not 'str'");
  if (name === "list") return new OpsiError("TypeError", "list indices must be integers or slices, not str");
  return new OpsiError("TypeError", `'${name}' object is not subscriptable`);
}

function hashToObject(
  hash: Record<string, unknown>,
  name: unknown,
  type: ObjectType,
  context: ConversionContext,
): OpsiObject {
  if (typeof name !== "string" || !isClassName(name)) {
    throw notA(hash, type.name, new OpsiError("ValueError", `Invalid object type: ${pythonString(name)}`));
  }
  try {
    return objectOfType(name, hash, context);
  } catch (error) {
    throw notA(remainder(name, hash), type.name, error);
  }
}

function objectOfType(name: string, hash: Record<string, unknown>, context: ConversionContext): OpsiObject {
  if (isHardwareName(name)) return hardwareOf(context).fromHash(name, hash);
  const type = objectTypes.get(name) ?? baseType(name);
  if (type === null) throw new OpsiError("ValueError", `Invalid object type: ${name}`);
  return fromHash(type, hash);
}

function isClassName(name: string): boolean {
  return objectTypes.has(name) || isHardwareName(name) || baseType(name) !== null;
}

function isHardwareName(name: string): name is HardwareTypeName {
  return name === "AuditHardware" || name === "AuditHardwareOnHost";
}

function hardwareOf(context: ConversionContext): HardwareTypes {
  return context.hardware ?? defaultHardwareTypes;
}

function parseHash(text: string, type: ObjectType): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "";
    const truncated = /end of JSON input/.test(problem);
    const message = truncated ? "Input data was truncated" : `JSON is malformed: ${problem}`;
    throw notA(text, type.name, new OpsiError("ValueError", message, { cause: error }));
  }
}

function remainder(name: string, hash: Record<string, unknown>): Record<string, unknown> {
  const type = objectTypes.get(name) ?? baseType(name);
  if (type !== null) return remainingHash(type, hash);
  const { type: _type, ...rest } = hash;
  return rest;
}

function notCreated(hash: Record<string, unknown>, error: unknown): unknown {
  return wrapped(`Failed to create object from dict ${pythonRepr(hash)}`, error);
}

function notA(value: unknown, typeName: string, error?: unknown): unknown {
  return wrapped(`${pythonRepr(value)} is not a ${classRepr(typeName)}`, error);
}

/** Only our own errors become part of a message: everything else is a bug and passes. */
function wrapped(text: string, error: unknown): unknown {
  if (error === undefined) return new OpsiError("ValueError", text);
  if (!isOpsiError(error)) return error;
  const field = error.field === undefined ? {} : { field: error.field };
  return new OpsiError("ValueError", `${text}: ${error.message}`, { cause: error, ...field });
}
