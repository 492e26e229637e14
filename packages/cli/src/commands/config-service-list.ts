import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { configurationFile } from "../connection/choose-service.ts";
import { readSavedServices } from "../connection/saved-services.ts";

export default command({
  name: "config service list",
  doc: "List the saved services.",
  examples: ["opsi config service list"],
  async run({ globals, surroundings }) {
    const { services, fallback } = await readSavedServices(configurationFile(globals, surroundings));
    const list = Object.entries(services).map(([name, { url, username, password, caFile }]) => ({
      name,
      url,
      username,
      password: password === undefined ? "asked" : "saved",
      caFile,
      default: name === fallback,
    }));
    return rows(list, ["name", "url", "username", "password", "caFile", "default"]);
  },
});
