import { OpsiError } from "@opsi-ts/model";
import type { Context } from "../context.ts";
import { matcher } from "../selection/name-list.ts";

/** What says which values something may have: a config or a property of a product. */
export interface Definition {
  readonly type: string;
  readonly possibleValues: readonly unknown[] | null;
  readonly defaultValues: readonly unknown[] | null;
  readonly editable: boolean | null;
  readonly multiValue: boolean | null;
}

export interface Config extends Definition {
  readonly id: string;
}

/** @throws OpsiError BackendMissingDataError */
export async function configNamed({ call }: Pick<Context, "call">, id: string): Promise<Config> {
  const [config] = await call<Config[]>("config_getObjects", [[], { id }]);
  if (config === undefined) throw new OpsiError("BackendMissingDataError", `There is no config '${id}'`);
  return config;
}

/**
 * Typed words as values of a config or property: the service takes every value for a client, but the agents and scripts
 * would not understand it.
 *
 * @throws OpsiError ValueError
 */
export function typedValues(id: string, definition: Definition, words: readonly string[]): unknown[] {
  const { type, possibleValues, editable, multiValue } = definition;
  if (type.startsWith("Bool")) {
    const [word = "", ...more] = words;
    const value = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false }[
      word.toLowerCase()
    ];
    if (value === undefined || more.length > 0) {
      throw new OpsiError("ValueError", `${id} is true or false, not '${words.join(" ")}'`);
    }
    return [value];
  }
  if (words.length > 1 && multiValue !== true) throw new OpsiError("ValueError", `${id} takes one value only`);
  const bad = words.find((word) => editable === false && !(possibleValues ?? []).includes(word));
  if (bad !== undefined) {
    throw new OpsiError("ValueError", `${id} cannot be '${bad}', only ${(possibleValues ?? []).join(", ")}`);
  }
  return [...words];
}

/** Ids of hosts that exist, in place of what was typed. @throws OpsiError BackendMissingDataError */
export async function existingHosts({ call }: Pick<Context, "call">, typed: readonly string[]): Promise<string[]> {
  const hosts = (await call<{ id: string }[]>("host_getObjects", [["id"], {}])).map(({ id }) => id);
  const unknown = typed.find((pattern) => !hosts.some(matcher([pattern])));
  if (unknown !== undefined) throw new OpsiError("BackendMissingDataError", `There is no host '${unknown}'`);
  return hosts.filter(matcher(typed));
}
