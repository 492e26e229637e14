import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { configNamed, existingHosts, typedValues } from "../config/config-values.ts";
import { nameList } from "../selection/name-list.ts";

export default command({
  name: "config set",
  doc: "Set a configuration value of the site or of clients and depots.",
  details:
    "Without --object the value of the site changes, which counts for everybody who has no own. Several values are " +
    "given one after the other.",
  examples: [
    "opsi config set opsiclientd.event_timer.active true",
    "opsi config set clientconfig.depot.id depot1.example.org --object 'pc1*'",
  ],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: {
    id: { flags: "<id>", doc: "name of the configuration value" },
    values: { flags: "<values...>", doc: "its new value, or several" },
  },
  async run(context, { id, values: words, object }) {
    const config = await configNamed(context, id);
    const values = typedValues(id, config, words);
    if (object === undefined) {
      // Value lists are written whole, so the possible values must be sent along. (objects §4.1)
      const possibleValues = [...new Set([...(config.possibleValues ?? []), ...values])];
      const changed = { ...config, possibleValues, defaultValues: values };
      if (!context.mayChange(`set ${id} of the site to ${values.join(", ")}`)) return undefined;
      await context.call("config_updateObjects", [[changed]]);
      return rows([{ id, values }], ["id", "values"]);
    }
    const objects = await existingHosts(context, object);
    const many = objects.length > 1 && !context.dryRun;
    if (many && !(await context.confirm(`Set ${id} of ${objects.length} hosts?`))) return undefined;
    if (!context.mayChange(`set ${id} of ${objects.join(", ")} to ${values.join(", ")}`)) return undefined;
    const states = objects.map((objectId) => ({ type: "ConfigState", configId: config.id, objectId, values }));
    await context.call("configState_createObjects", [states]);
    return rows(
      objects.map((objectId) => ({ objectId, id, values })),
      ["objectId", "id", "values"],
    );
  },
});
