import { parseServiceAddress } from "@opsi-ts/protocol";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { storedCaFile } from "../connection/ca-file.ts";
import { configurationFile, typedPassword } from "../connection/choose-service.ts";
import { readSavedServices, writeSavedServices } from "../connection/saved-services.ts";

export default command({
  name: "config service add",
  doc: "Save a service, so that --service can name it.",
  details:
    "The first one becomes the default. A password given with --password or --password-file is saved too, readable " +
    "for you alone; without one you are asked each time. With --trust the service is contacted and its CA kept.",
  examples: [
    "opsi config service add https://opsi.example.org:4447 --name main --username admin1",
    "opsi config service add https://localhost:4447 --username admin --trust --default",
    "opsi config service add opsi.test.example.org --name test --ca-file test-ca.pem",
  ],
  options: {
    name: { flags: "--name <name>", doc: "default: its host name" },
    isDefault: { flags: "--default", doc: "use it without --service" },
  },
  arguments: { url: { flags: "<url>", doc: "address of the config service" } },
  async run(context, { url, name, isDefault }) {
    const { globals } = context;
    const { origin, hostname } = parseServiceAddress(url);
    const id = name ?? hostname;
    const file = configurationFile(globals, context.surroundings);
    const { services, fallback } = await readSavedServices(file);
    const service = {
      url: origin,
      username: globals.username,
      password: await typedPassword(globals, context.surroundings),
      caFile: globals.caFile === undefined ? undefined : context.path(globals.caFile),
    };
    const newDefault = isDefault || fallback === null ? id : fallback;
    if (!context.mayChange(`save ${id} in ${file}`)) return undefined;
    if (globals.trust) await context.trust(origin, service.caFile ?? storedCaFile(context.surroundings, origin));
    await writeSavedServices(file, { fallback: newDefault, services: { ...services, [id]: service } });
    return rows(
      [{ name: id, url: origin, username: service.username, default: newDefault === id }],
      ["name", "url", "username", "default"],
    );
  },
});
