import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

export default command({
  name: "server options",
  doc: "Show the options of the service.",
  details: "Secrets are shown as asterisks. The manual of the server says what each option means.",
  examples: ["opsi server options", "opsi server options 'ssl-*' session-lifetime"],
  arguments: { names: { flags: "[names...]", doc: "options, * is a wildcard; default: all" } },
  async run({ call }, { names }) {
    const fits = matcher(names.length === 0 ? ["*"] : names);
    const options = Object.entries(await call<Record<string, unknown>>("service_getConfig"));
    const list = options.map(([name, value]) => ({ name: name.replaceAll("_", "-"), value }));
    const shown = list.filter(({ name }) => fits(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (shown.length > 0) return rows(shown, ["name", "value"]);
    throw new OpsiError("BackendMissingDataError", `There is no option '${names.join(", ")}'`);
  },
});
