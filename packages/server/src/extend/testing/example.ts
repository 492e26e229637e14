import { method, OpsiError } from "@opsi-ts/server/extension";

interface Client {
  readonly id: string;
  readonly notes: string;
}

const addNote = method({
  name: "site_addNote",
  doc: "Writes a line below the notes of a client.",
  parameters: [
    { name: "clientId", type: "string" },
    { name: "text", type: "string" },
    { name: "signed", type: "boolean", initial: true },
  ],
  roles: ["administrator"],
  async run(service, clientId, text, signed) {
    const [client] = await service.call<Client[]>("host_getObjects", ["notes"], { id: clientId });
    if (!client) throw new OpsiError("BackendMissingDataError", `There is no client '${clientId}'`);
    const line = signed ? `${text} (${service.caller.name})` : text;
    const notes = `${client.notes}\n${line}`.trim();
    await service.call("host_updateObjects", [{ type: "OpsiClient", id: clientId, notes }]);
    service.log.info("note added", { clientId });
    return notes;
  },
});

const domain = method({
  name: "getDomain",
  doc: "The domain of the site, in capitals.",
  parameters: [],
  run: async (service) => (await service.replaced<string>()).toUpperCase(),
});

export default [addNote, domain];
