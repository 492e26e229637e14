import type { Filter } from "../backends/storage.ts";
import { depotConfigId } from "../depot/depot-data.ts";
import { filterValues, objectIds } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { configStates, configs, hosts } from "./families.ts";

/** Values by object and config. Maps, because ids come from callers. */
export type ConfigValues = Map<string, Map<string, unknown[]>>;

/**
 * The values that count for objects: those of configs, over them those of the depot's states, over them their own.
 *
 * @param configIds wildcards are possible; none means all
 * @param givenIds none means all hosts; a client always gets its own only
 * @see objects 6.3
 */
export async function configValues(
  call: Call,
  configIds: unknown,
  givenIds: unknown,
  withDefaults = true,
): Promise<ConfigValues> {
  const { session, objects } = call;
  const wanted = session.hostType === "OpsiClient" ? [session.hostId ?? ""] : objectIds(givenIds);
  const configFilter: Filter = { configId: filterValues(configIds) };
  // Reads that need nothing of each other go to a database on their way together.
  const [values, states] = await Promise.all([
    withDefaults ? inherited(call, configFilter, wanted) : (new Map() satisfies ConfigValues),
    objects.read(configStates, [], { ...configFilter, objectId: wanted }),
  ]);
  for (const state of states) {
    const objectId = String(state["objectId"]);
    const ofObject = values.get(objectId) ?? new Map<string, unknown[]>();
    values.set(objectId, ofObject.set(String(state["configId"]), stateValues(state["values"])));
  }
  return values;
}

const stateValues = (values: unknown): unknown[] => (Array.isArray(values) ? values : []);

/** What hosts have before their own states: defaults, and the states of the depot that serves them. */
async function inherited(
  { objects, storage }: Call,
  configFilter: Filter,
  wanted: readonly string[],
): Promise<ConfigValues> {
  const [found, withDefaults, [configserver]] = await Promise.all([
    objects.read(hosts, ["type"], { id: wanted }),
    objects.read(configs, ["defaultValues"], { id: configFilter["configId"] }),
    storage.readIdents(hosts, { filter: { type: "OpsiConfigserver" } }),
  ]);
  const defaults = withDefaults.map((config): [string, unknown[]] => [
    String(config["id"]),
    stateValues(config["defaultValues"]),
  ]);
  const clientIds = found.filter(({ type }) => type === "OpsiClient").map(({ id }) => String(id));
  const depotOf = await explicitDepots(storage, clientIds);
  const serverIds = new Set([...depotOf.values(), String(configserver?.["id"] ?? "")]);
  const serverStates = await storage.read(configStates, { filter: { ...configFilter, objectId: [...serverIds] } });
  const statesOf = Map.groupBy(serverStates, (state) => String(state["objectId"]));
  const clients = new Set(clientIds);
  const values: ConfigValues = new Map();
  for (const { id } of found) {
    const hostId = String(id);
    const ofHost = new Map(defaults);
    if (clients.has(hostId)) {
      const server = depotOf.get(hostId) ?? String(configserver?.["id"] ?? "");
      for (const state of statesOf.get(server) ?? [])
        ofHost.set(String(state["configId"]), stateValues(state["values"]));
    }
    values.set(hostId, ofHost);
  }
  return values;
}

/** The depots that states of the clients themselves name. */
async function explicitDepots(storage: Call["storage"], clientIds: readonly string[]): Promise<Map<string, string>> {
  if (clientIds.length === 0) return new Map();
  const states = await storage.read(configStates, { filter: { configId: depotConfigId, objectId: clientIds } });
  return new Map(
    states.flatMap(({ objectId, values }): [string, string][] => {
      const [depotId] = stateValues(values);
      return typeof depotId === "string" && depotId !== "" ? [[String(objectId), depotId]] : [];
    }),
  );
}

/** (methods 13.1) */
export const configValueMethods: readonly Method[] = [
  {
    name: "configState_getValues",
    doc: "Values of configs for objects, with defaults and the states of their depots if wanted.",
    parameters: parameters("config_ids=None object_ids=None with_defaults=True"),
    result: "dict[str, dict[str, list]]",
    access: "objects",
    run: async (call, configIds, givenIds, withDefaults) => {
      const values = await configValues(call, configIds, givenIds, Boolean(withDefaults));
      return Object.fromEntries([...values].map(([objectId, ofObject]) => [objectId, Object.fromEntries(ofObject)]));
    },
  },
];
