import { isHash, OpsiError } from "@opsi-ts/model";
import { type ExtensionMethod, type ExtensionParameter, type Role, roles, type ValueType } from "./extension.ts";

/** A method of an extension but for its function, which stays in the thread. */
export type Declaration = Omit<ExtensionMethod, "run">;

const methodName = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const parameterName = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const mostParameters = 50;
const longestSeconds = 3600;

/** Whether a value is of a type, by the type's name. */
export const valueChecks: Readonly<Record<ValueType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  list: Array.isArray,
  hash: isHash,
  any: () => true,
};

/**
 * A declaration as it came out of the thread of an extension, checked.
 *
 * @throws ValueError naming what is wrong
 */
export function readDeclaration(given: unknown): Declaration {
  if (!isHash(given)) throw bad("declaration", given);
  const { name, doc, parameters, deprecated, timeoutSeconds } = given;
  if (typeof name !== "string" || !methodName.test(name)) throw bad("name", name);
  try {
    if (typeof doc !== "string" || doc === "") throw bad("doc", doc);
    if (deprecated !== undefined && typeof deprecated !== "boolean") throw bad("deprecated", deprecated);
    return {
      ...{ name, doc, parameters: readParameters(parameters), timeoutSeconds: readSeconds(timeoutSeconds) },
      ...(given["roles"] === undefined ? {} : { roles: readRoles(given["roles"]) }),
      deprecated: deprecated === true,
    };
  } catch (cause) {
    throw new OpsiError("ValueError", `Method '${name}': ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

const bad = (field: string, value: unknown) =>
  new OpsiError("ValueError", `Bad ${field}: ${JSON.stringify(value)?.slice(0, 200)}`, { field });

function readSeconds(given: unknown): number {
  if (given === undefined) return 60;
  if (typeof given === "number" && given > 0 && given <= longestSeconds) return given;
  throw bad("timeoutSeconds", given);
}

function readRoles(given: unknown): Role[] {
  if (!Array.isArray(given) || given.length === 0) throw bad("roles", given);
  return given.map((one) => {
    const role = roles.find((each) => each === one);
    if (role === undefined) throw bad("role", one);
    return role;
  });
}

function readParameters(given: unknown): ExtensionParameter[] {
  if (!Array.isArray(given) || given.length > mostParameters) throw bad("parameters", given);
  const parameters = given.map(readParameter);
  parameters.forEach(({ name }, index) => {
    if (parameters.findIndex((other) => other.name === name) !== index) throw bad("parameter, it is there twice", name);
    const before = parameters[index - 1];
    if (before && isOptional(before) && !isOptional(parameters[index])) {
      throw bad("parameter, one that may be left out stands before it", name);
    }
  });
  return parameters;
}

const isOptional = (parameter: ExtensionParameter | undefined) => parameter !== undefined && "initial" in parameter;

function readParameter(given: unknown): ExtensionParameter {
  if (!isHash(given)) throw bad("parameter", given);
  const { name, type } = given;
  if (typeof name !== "string" || !parameterName.test(name) || name === "self") throw bad("name of a parameter", name);
  if (typeof type !== "string" || !isValueType(type)) throw bad(`type of parameter '${name}'`, type);
  if (!("initial" in given)) return { name, type };
  const { initial } = given;
  if (initial !== null && !valueChecks[type](initial)) throw bad(`initial value of parameter '${name}'`, initial);
  return { name, type, initial };
}

const isValueType = (text: string): text is ValueType => Object.hasOwn(valueChecks, text);
