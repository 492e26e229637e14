import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingHosts } from "../config/config-values.ts";
import { matcher, nameList } from "../selection/name-list.ts";

interface Config extends Record<string, unknown> {
  readonly id: string;
  readonly defaultValues: readonly unknown[] | null;
}

interface ConfigState {
  readonly configId: string;
  readonly objectId: string;
}

export default command({
  name: "config get",
  doc: "Show configuration values of the site or of clients and depots.",
  details:
    "With --object the values that count for it: its own, else those of its depot, else those of the site; the " +
    "column source says which. Without arguments all.",
  examples: [
    "opsi config get 'clientconfig.*'",
    "opsi config get clientconfig.depot.id --object pc1.example.org",
    "opsi config get clientconfig.depot.id --object pc1.example.org --output lines --attributes values",
  ],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: { ids: { flags: "[ids...]", doc: "names of configuration values, * is a wildcard" } },
  async run({ call }, { ids, object }) {
    const fits = matcher(ids.length === 0 ? ["*"] : ids);
    const configs = (await call<Config[]>("config_getObjects", [[], {}])).filter(({ id }) => fits(id));
    if (configs.length === 0) throw new OpsiError("BackendMissingDataError", `There is no config '${ids.join(", ")}'`);
    if (object === undefined) {
      const list = configs.map((config) => ({ ...config, values: config.defaultValues }));
      return rows(list, ["id", "values", "description"]);
    }
    const objects = await existingHosts({ call }, object);
    const configIds = configs.map(({ id }) => id);
    const values = await call<Record<string, Record<string, unknown[]>>>("configState_getValues", [
      configIds,
      objects,
      true,
    ]);
    const own = await call<ConfigState[]>("configState_getObjects", [[], { configId: configIds, objectId: objects }]);
    const isOwn = new Set(own.map(({ configId, objectId }) => `${objectId};${configId}`));
    const list = objects.flatMap((objectId) =>
      configIds.map((id) => ({
        objectId,
        id,
        values: values[objectId]?.[id] ?? [],
        source: isOwn.has(`${objectId};${id}`) ? "own" : "inherited",
      })),
    );
    return rows(list, ["objectId", "id", "values", "source"]);
  },
});
