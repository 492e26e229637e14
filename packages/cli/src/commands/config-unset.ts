import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingHosts } from "../config/config-values.ts";
import { nameList } from "../selection/name-list.ts";
import { UsageError } from "../usage-error.ts";

interface ConfigState extends Record<string, unknown> {
  readonly configId: string;
  readonly objectId: string;
}

export default command({
  name: "config unset",
  doc: "Remove the own value of clients or depots, so that the site's applies again.",
  examples: ["opsi config unset clientconfig.depot.id --object pc1.example.org"],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: { id: { flags: "<id>", doc: "name of the configuration value" } },
  async run(context, { id, object }) {
    if (object === undefined) throw new UsageError("Whose value? Give --object");
    const objectId = await existingHosts(context, object);
    const states = await context.call<ConfigState[]>("configState_getObjects", [[], { configId: id, objectId }]);
    if (states.length === 0) throw new OpsiError("BackendMissingDataError", `None of them has an own value of '${id}'`);
    const names = states.map((state) => state.objectId);
    const many = states.length > 1 && !context.dryRun;
    if (many && !(await context.confirm(`Remove ${id} of ${states.length} hosts?`))) return undefined;
    if (!context.mayChange(`remove ${id} of ${names.join(", ")}`)) return undefined;
    await context.call("configState_deleteObjects", [states]);
    return rows(states, ["objectId", "configId"]);
  },
});
