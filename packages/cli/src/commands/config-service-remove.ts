import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { configurationFile } from "../connection/choose-service.ts";
import { readSavedServices, writeSavedServices } from "../connection/saved-services.ts";

export default command({
  name: "config service remove",
  doc: "Forget a saved service.",
  examples: ["opsi config service remove test"],
  arguments: { name: { flags: "<name>", doc: "its name" } },
  async run(context, { name }) {
    const file = configurationFile(context.globals, context.surroundings);
    const { services, fallback } = await readSavedServices(file);
    if (!Object.hasOwn(services, name)) throw new OpsiError("BackendMissingDataError", `No saved service '${name}'`);
    const { [name]: _, ...rest } = services;
    if (!context.mayChange(`forget ${name}`)) return undefined;
    await writeSavedServices(file, { services: rest, fallback: fallback === name ? null : fallback });
    return rows([{ name, removed: true }], ["name", "removed"]);
  },
});
