import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { nameList } from "../selection/name-list.ts";
import { readForClients } from "../selection/read-for-clients.ts";

interface Software extends Record<string, unknown> {
  readonly clientId: string;
  readonly name: string;
  readonly version: string;
}

export default command({
  name: "inventory software",
  doc: "Show the programs that were found on clients.",
  details: "What the product swaudit found when it ran last. Keys of licences are left out.",
  examples: [
    "opsi inventory software --clients pc1.example.org",
    "opsi inventory software --clients all --names 'Mozilla*' --output csv",
  ],
  options: {
    ...clientSelection,
    names: { flags: "--names <names>", doc: "programs, with * as wildcard; default: all", parse: nameList },
  },
  async run(context, { names, ...selection }) {
    const clients = await selectClients(context, selection);
    const filter = names === undefined ? {} : { name: names };
    const found = await readForClients(context, clients, { label: "Reading programs", atOnce: 100 }, (clientId) =>
      context.call<Software[]>("auditSoftwareOnClient_getObjects", [[], { ...filter, clientId }]),
    );
    const key = ({ clientId, name, version }: Software) => `${clientId}\n${name.toLowerCase()}\n${version}`;
    const list = found
      .map(({ licenseKey: _, ...software }): Software => software as Software)
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
    return rows(list, ["clientId", "name", "version", "architecture", "language", "lastseen"]);
  },
});
