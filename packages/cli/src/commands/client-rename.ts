import { rule } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

export default command({
  name: "client rename",
  doc: "Give a client another id; all that is known about it moves along.",
  details: "Its agent has to be told: it logs in with the old id until its configuration has the new one.",
  examples: ["opsi client rename pc1.example.org reception.example.org"],
  arguments: {
    id: { flags: "<id>", doc: "client id" },
    newId: { flags: "<newId>", doc: "fully qualified name that it is to have" },
  },
  async run(context, { id, newId }) {
    const [from, to] = [rule.hostId.coerce(id), rule.hostId.coerce(newId)];
    await context.change(`rename ${from} to ${to}`, "host_renameOpsiClient", [from, to]);
    return context.dryRun ? undefined : rows([{ id: to, before: from }], ["id", "before"]);
  },
});
