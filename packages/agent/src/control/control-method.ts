import { OpsiError, pythonRepr } from "@opsi-ts/model";

/** A method of the control server; the interface description is made from it. (agent §6.5) */
export interface ControlMethod {
  /** In order; `null` as initial value means that it has to be given. */
  readonly parameters: readonly { readonly name: string; readonly initial?: unknown }[];
  readonly doc: string;
  run(...values: readonly unknown[]): unknown;
}

export function method(
  doc: string,
  parameters: Readonly<Record<string, unknown>>,
  run: (...values: readonly never[]) => unknown,
): ControlMethod {
  return {
    doc,
    parameters: Object.entries(parameters).map(([name, initial]) =>
      initial === required ? { name } : { name, initial },
    ),
    run: run as (...values: readonly unknown[]) => unknown,
  };
}

/** Stands for "no initial value". */
export const required = Symbol("required");

/** Binds what a caller sent, in order or by name. @throws OpsiError TypeError as Python does */
export function bindParameters(name: string, { parameters }: ControlMethod, given: unknown): unknown[] {
  const byName = !Array.isArray(given) && typeof given === "object" && given !== null;
  const values: readonly unknown[] = Array.isArray(given) ? given : [];
  if (values.length > parameters.length) {
    throw new OpsiError(
      "TypeError",
      `${name}() takes ${parameters.length} positional arguments but ${values.length} were given`,
    );
  }
  const named = (byName ? given : {}) as Record<string, unknown>;
  for (const key of Object.keys(named)) {
    if (!parameters.some((parameter) => parameter.name === key)) {
      throw new OpsiError("TypeError", `${name}() got an unexpected keyword argument ${pythonRepr(key)}`);
    }
  }
  return parameters.map((parameter, index) => {
    const value = byName ? named[parameter.name] : values[index];
    if (value !== undefined) return value;
    if (!Object.hasOwn(parameter, "initial")) {
      throw new OpsiError(
        "TypeError",
        `${name}() missing 1 required positional argument: ${pythonRepr(parameter.name)}`,
      );
    }
    return parameter.initial;
  });
}

/** The description that `backend_getInterface` returns. (agent §6.4) */
export function describeInterface(methods: Readonly<Record<string, ControlMethod>>): unknown[] {
  return Object.keys(methods)
    .sort()
    .map((name) => {
      const { parameters = [], doc = "" } = methods[name] ?? {};
      const defaults = parameters.filter((parameter) => Object.hasOwn(parameter, "initial"));
      return {
        name,
        params: parameters.map((parameter) =>
          Object.hasOwn(parameter, "initial") ? `*${parameter.name}` : parameter.name,
        ),
        args: ["self", ...parameters.map((parameter) => parameter.name)],
        varargs: null,
        keywords: null,
        defaults: defaults.length === 0 ? null : defaults.map(({ initial }) => initial),
        deprecated: false,
        drop_version: null,
        alternative_method: null,
        doc,
        annotations: {},
      };
    });
}
