import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { nameList } from "../selection/name-list.ts";
import { readForClients } from "../selection/read-for-clients.ts";

interface Hardware extends Record<string, unknown> {
  readonly hostId: string;
  readonly hardwareClass: string;
}

export default command({
  name: "inventory hardware",
  doc: "Show the devices that were found in clients.",
  details: "What the product hwaudit found when it ran last. JSON shows all that is known of each device.",
  examples: [
    "opsi inventory hardware --clients pc1.example.org",
    "opsi inventory hardware --clients all --classes COMPUTER_SYSTEM --attributes hostId,vendor,model,serialNumber",
  ],
  options: {
    ...clientSelection,
    classes: { flags: "--classes <names>", doc: "kinds of devices, e.g. PROCESSOR; default: all", parse: nameList },
  },
  async run(context, { classes, ...selection }) {
    const clients = await selectClients(context, selection);
    const filter = classes === undefined ? {} : { hardwareClass: classes };
    const found = await readForClients(context, clients, { label: "Reading devices", atOnce: 100 }, (hostId) =>
      context.call<Hardware[]>("auditHardwareOnHost_getObjects", [[], { ...filter, hostId }]),
    );
    const key = ({ hostId, hardwareClass }: Hardware) => `${hostId} ${hardwareClass}`;
    return rows(
      found.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)),
      ["hostId", "hardwareClass", "name", "vendor", "model"],
    );
  },
});
