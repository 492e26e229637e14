import { type ConversionContext, convertParameter, OpsiError, pythonRepr, pythonTypeName } from "@opsi-ts/model";
import type { Method } from "../methods/declare.ts";

/**
 * The arguments of a call as values in the order of the method's parameters, its keywords as a hash behind them.
 *
 * @throws TypeError for missing, superfluous or unknown arguments
 * @throws ValueError for a hash that names an object type and is no such object
 * @see service 2.3
 */
export function bind(method: Method, params: unknown, context: ConversionContext = {}): unknown[] {
  if (Array.isArray(params)) return bindPositional(method, params, context);
  if (typeof params === "object" && params !== null) {
    return bindNamed(method, params as Record<string, unknown>, context);
  }
  throw new OpsiError("TypeError", `argument of type '${pythonTypeName(params)}' is not iterable`);
}

function bindPositional(method: Method, params: readonly unknown[], context: ConversionContext): unknown[] {
  const convert = (value: unknown) => convertParameter(value, context);
  const { parameters, keywords } = method;
  // Counted like the original, whose methods have one more parameter: themselves.
  if (keywords !== undefined && params.length > parameters.length) {
    const last = params.at(-1);
    if (typeof last !== "object" || last === null || Array.isArray(last)) {
      throw new OpsiError("TypeError", `kwargs param is not a dict: <class '${pythonTypeName(last)}'>`);
    }
    const named = last as Record<string, unknown>;
    if (params.length === parameters.length + 1 && namesNoParameter(method, named)) {
      return [...params.slice(0, -1).map(convert), mapValues(named, convert)];
    }
    return arrange(method, params.slice(0, -1).map(convert), mapValues(named, convert));
  }
  return arrange(method, params.map(convert), {});
}

/** Whether all names are for the keywords: the usual case, in which there is nothing to arrange. */
function namesNoParameter({ parameters }: Method, named: Readonly<Record<string, unknown>>): boolean {
  for (const name in named) {
    if (name === "self" || parameters.some((parameter) => parameter.name === name)) return false;
  }
  return true;
}

function mapValues(hash: Readonly<Record<string, unknown>>, map: (value: unknown) => unknown): Record<string, unknown> {
  const mapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(hash)) {
    // Assigning would change the prototype instead of adding a member.
    if (name === "__proto__") Object.defineProperty(mapped, name, { value: map(value), enumerable: true });
    else mapped[name] = map(value);
  }
  return mapped;
}

function bindNamed(method: Method, params: Record<string, unknown>, context: ConversionContext): unknown[] {
  const converted = convertParameter(params, context);
  if (converted !== params) {
    throw new OpsiError("TypeError", `argument after ** must be a mapping, not ${String(params["type"])}`);
  }
  return arrange(method, [], params);
}

function arrange(method: Method, positional: readonly unknown[], named: Record<string, unknown>): unknown[] {
  const { parameters, keywords, name } = method;
  if (positional.length > parameters.length) throw tooMany(method, positional.length);
  const free: Record<string, unknown> = {};
  const byName = new Map<string, unknown>();
  for (const [key, value] of Object.entries(named)) {
    const index = parameters.findIndex((parameter) => parameter.name === key);
    if (key === "self" || (index >= 0 && index < positional.length)) {
      throw new OpsiError("TypeError", `${name}() got multiple values for argument ${pythonRepr(key)}`, { field: key });
    }
    if (index >= 0) byName.set(key, value);
    else if (keywords !== undefined) free[key] = value;
    else
      throw new OpsiError("TypeError", `${name}() got an unexpected keyword argument ${pythonRepr(key)}`, {
        field: key,
      });
  }
  const missing: string[] = [];
  const values = parameters.map((parameter, index) => {
    if (index < positional.length) return positional[index];
    if (byName.has(parameter.name)) return byName.get(parameter.name);
    if (!Object.hasOwn(parameter, "initial")) missing.push(pythonRepr(parameter.name));
    return parameter.initial;
  });
  if (missing.length > 0) {
    const plural = missing.length === 1 ? "" : "s";
    throw new OpsiError(
      "TypeError",
      `${name}() missing ${missing.length} required positional argument${plural}: ${missing.join(", ")}`,
    );
  }
  return keywords === undefined ? values : [...values, free];
}

function tooMany({ name, parameters }: Method, given: number): OpsiError {
  const mandatory = parameters.filter((parameter) => !Object.hasOwn(parameter, "initial")).length;
  const self = 1;
  const range =
    mandatory === parameters.length ? `${mandatory + self}` : `from ${mandatory + self} to ${parameters.length + self}`;
  return new OpsiError("TypeError", `${name}() takes ${range} positional arguments but ${given + self} were given`);
}
