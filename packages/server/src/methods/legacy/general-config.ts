import {
  BoolConfig,
  ConfigState,
  fromHash,
  OpsiError,
  type OpsiObject,
  pythonTypeName,
  rule,
  UnicodeConfig,
} from "@opsi-ts/model";
import { configValues } from "../config-values.ts";
import type { Call } from "../declare.ts";
import { configStates, configs, hosts } from "../families.ts";
import { deleteMatching } from "../objects.ts";
import { depotIds } from "./find-host.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { joinedValues } from "./legacy-values.ts";

/** The client that is meant: what concerns a depot concerns everybody. */
async function clientOrNone(call: Call, objectId: unknown): Promise<string | null> {
  if (!objectId) return null;
  const id = rule.hostId.coerce(objectId);
  return (await depotIds(call, { id })).length > 0 ? null : id;
}

const notFound = (id: string) =>
  new OpsiError("BackendMissingDataError", `Object '${id}' not found in Backend`, { field: "objectId" });

/** Values of a client, or the defaults, as texts. (methods 16.1) */
export async function generalConfig(call: Call, objectId: unknown): Promise<Map<string, string>> {
  const clientId = await clientOrNone(call, objectId);
  if (clientId === null) {
    const found = await call.objects.read(configs, ["defaultValues"], {});
    return new Map(found.map(({ id, defaultValues }) => [String(id), joinedValues(defaultValues)]));
  }
  const values = (await configValues(call, [], [clientId])).get(clientId);
  if (!values) throw notFound(clientId);
  return new Map([...values].map(([id, list]) => [id, joinedValues(list)]));
}

const words: ReadonlyMap<string, boolean> = new Map([
  ...["yes", "on", "1", "true"].map((word): [string, boolean] => [word, true]),
  ...["no", "off", "0", "false"].map((word): [string, boolean] => [word, false]),
]);

/** @throws TypeError for what is no text */
function typed(value: unknown): string | boolean {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") {
    throw new OpsiError("TypeError", `Config values are texts, not ${pythonTypeName(value)}`);
  }
  return words.get(value.toLowerCase()) ?? value;
}

function newConfig(id: string, value: string | boolean): OpsiObject {
  if (typeof value === "boolean") return fromHash(BoolConfig, { id, defaultValues: [value] });
  const values = [value];
  return fromHash(UnicodeConfig, {
    id,
    ...{ description: "", possibleValues: values, defaultValues: values, editable: true, multiValue: false },
  });
}

/** The values become all that there are: configs of other ids are deleted. All of it is done or nothing. (methods 16.1) */
async function setGeneralConfig(call: Call, config: unknown, objectId: unknown): Promise<null> {
  const { objects: all } = call;
  const clientId = await clientOrNone(call, objectId);
  if (clientId !== null && (await all.readIdents(hosts, { id: clientId })).length === 0) throw notFound(clientId);
  const values = new Map(
    Object.entries(rule.dict.coerce(config)).map(([id, value]) => [rule.configId.coerce(id), typed(value)]),
  );
  await all.transaction(async (objects) => {
    const existing = await objects.readIdents(configs, {});
    const surplus = existing.filter(({ id }) => !values.has(String(id)));
    if (surplus.length > 0) await objects.remove(configs, surplus);
    const known = new Set(existing.map(({ id }) => id));
    const created = [...values].filter(([id]) => clientId === null || !known.has(id));
    if (created.length > 0) {
      const missing = created.map(([id, value]) => newConfig(id, value));
      await objects.write(configs, missing, "insert", "createObjects");
    }
    if (clientId === null || values.size === 0) return;
    const states = [...values].map(([configId, value]) =>
      fromHash(ConfigState, { configId, objectId: clientId, values: [value] }),
    );
    await objects.write(configStates, states, "insert", "createObjects");
  });
  return null;
}

/** Sets one value; a client gets states of its own for all configs with it. (methods 16.1) */
export async function setGeneralConfigValue(
  call: Call,
  key: unknown,
  value: unknown,
  objectId: unknown,
): Promise<null> {
  const configId = rule.configId.coerce(key);
  if ((await clientOrNone(call, objectId)) === null) {
    // The original writes all other configs anew, too, and thereby loses their descriptions and further values.
    await call.objects.write(configs, [newConfig(configId, typed(value))], "insert", "createObjects");
    return null;
  }
  const config = await generalConfig(call, objectId);
  return setGeneralConfig(call, { ...Object.fromEntries(config), [configId]: value }, objectId);
}

export const generalConfigMethods = legacyMethods({
  getGeneralConfig_hash: {
    signature: "objectId=None",
    doc: "Values of all configs for a client, or their defaults, as texts.",
    alternative: "configState_getObjects",
    run: async (call, objectId) => Object.fromEntries(await generalConfig(call, objectId)),
  },
  getGeneralConfigValue: {
    signature: "key objectId=None",
    doc: "Value of a config for a client, or its default, as text.",
    result: "str | None",
    alternative: "configState_getObjects",
    run: async (call, key, objectId) => (await generalConfig(call, objectId)).get(String(key)) ?? null,
  },
  setGeneralConfig: {
    signature: "config objectId=None",
    doc: "Sets values of a client, or defaults; configs that are not named are deleted.",
    alternative: "configState_create",
    run: setGeneralConfig,
  },
  setGeneralConfigValue: {
    signature: "key value objectId=None",
    doc: "Sets a value of a client, or a default.",
    alternative: "configState_create",
    run: setGeneralConfigValue,
  },
  deleteGeneralConfig: {
    signature: "objectId",
    doc: "Deletes all values that an object has of its own.",
    alternative: "configState_delete",
    run: async ({ objects }, objectId) => {
      await deleteMatching(objects, configStates, { objectId: rule.objectId.coerce(objectId) });
      return null;
    },
  },
});
