import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

interface Method extends Record<string, unknown> {
  readonly name: string;
}

export default command({
  name: "jsonrpc methods",
  doc: "List the methods of the service.",
  details: "A parameter with * may be left out, the one with ** takes attributes to filter by.",
  examples: ["opsi jsonrpc methods", "opsi jsonrpc methods 'host_*' --attributes name,params,doc"],
  arguments: { pattern: { flags: "[pattern]", doc: "only methods with such a name, * is a wildcard", fallback: "*" } },
  async run({ call }, { pattern }) {
    const methods = await call<Method[]>("backend_getInterface");
    const fits = matcher([pattern]);
    return rows(
      methods.filter(({ name }) => fits(name)),
      ["name", "params", "deprecated", "alternative_method"],
    );
  },
});
