import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { configurationFile } from "../connection/choose-service.ts";
import { readSavedServices, writeSavedServices } from "../connection/saved-services.ts";

export default command({
  name: "config service set-default",
  doc: "Choose the service that is used without --service.",
  examples: ["opsi config service set-default main", "opsi config service set-default"],
  arguments: { name: { flags: "[name]", doc: "a saved service; without it there is no default any more" } },
  async run(context, { name }) {
    const file = configurationFile(context.globals, context.surroundings);
    const { services } = await readSavedServices(file);
    if (name !== undefined && !Object.hasOwn(services, name)) {
      throw new OpsiError("BackendMissingDataError", `No saved service '${name}'`);
    }
    if (!context.mayChange(`make ${name ?? "none"} the default`)) return undefined;
    await writeSavedServices(file, { services, fallback: name ?? null });
    return rows([{ default: name ?? null }], ["default"]);
  },
});
