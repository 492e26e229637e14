import { fromHash, OpsiClient, OpsiError, rule } from "@opsi-ts/model";
import { emptyAsNull } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { hosts } from "./families.ts";
import { newHostId } from "./legacy/hosts.ts";

/** (objects 6.1) */
async function tlsCertificate(call: Call, hostId: unknown): Promise<string> {
  const { objects, session, site } = call;
  const [host] = await objects.read(hosts, [], { id: rule.hostId.coerce(hostId) });
  if (!host || (host.type !== "OpsiClient" && host.type !== "OpsiDepotserver")) {
    throw new OpsiError("OpsiServicePermissionError", `Invalid host: ${hostId}`);
  }
  if (!session.isAdmin && session.hostId !== host["id"]) {
    throw new OpsiError("OpsiServicePermissionError", "Insufficient permissions");
  }
  return site.issueCertificate(host);
}

async function createClient({ objects }: Call, ...values: unknown[]): Promise<string> {
  const [clientName, domain, description, notes, ipAddress, hardwareAddress] = values;
  const id = newHostId(clientName, domain);
  const addresses = { ipAddress: emptyAsNull(ipAddress), hardwareAddress: emptyAsNull(hardwareAddress) };
  const client = fromHash(OpsiClient, { id, description, notes, ...addresses });
  await objects.write(hosts, [client], "insert", "createObjects");
  return id;
}

async function setMacAddress({ objects }: Call, hostId: unknown, mac: unknown): Promise<null> {
  const [host] = await objects.read(hosts, [], { id: rule.hostId.coerce(hostId) });
  if (!host) throw new OpsiError("BackendMissingDataError", `Host '${hostId}' not found`, { field: "hostId" });
  const changed = fromHash(OpsiClient, { id: host["id"], hardwareAddress: mac });
  await objects.write(hosts, [{ ...changed, type: host.type }], "update", "updateObject");
  return null;
}

const idsOf = (idents: readonly Record<string, unknown>[]) => idents.map(({ id }) => id);

export const hostMethods: readonly Method[] = [
  {
    name: "host_getTLSCertificate",
    doc: "A new key and a certificate of the opsi CA for a client or depot, as PEM.",
    parameters: parameters("hostId"),
    result: "str",
    access: "objects",
    run: tlsCertificate,
  },
  {
    name: "createClient",
    doc: "Creates a client and returns its id.",
    parameters: parameters("clientName domain description=None notes=None ipAddress=None hardwareAddress=None"),
    result: "str",
    access: "objects",
    deprecated: true,
    alternative: "host_createOpsiClient",
    run: createClient,
  },
  {
    name: "setMacAddress",
    doc: "Sets the hardware address of a host.",
    parameters: parameters("hostId mac"),
    access: "objects",
    deprecated: true,
    alternative: "host_updateObject",
    run: setMacAddress,
  },
  {
    name: "getClientIdByMac",
    doc: "The id of the client with a hardware address, empty if there is none.",
    parameters: parameters("mac"),
    result: "str",
    access: "objects",
    deprecated: true,
    alternative: "host_getIdents",
    run: async ({ objects }, mac) => {
      const filter = { type: "OpsiClient", hardwareAddress: rule.hardwareAddress.coerce(mac) };
      return idsOf(await objects.readIdents(hosts, filter))[0] ?? "";
    },
  },
  {
    name: "getServerIds_list",
    doc: "Ids of the config servers.",
    parameters: parameters(""),
    result: "list[str]",
    access: "objects",
    deprecated: true,
    alternative: "host_getIdents",
    run: async ({ objects }) => idsOf(await objects.readIdents(hosts, { type: "OpsiConfigserver" })),
  },
  {
    name: "getDepotIds_list",
    doc: "Ids of the depots that are master depots.",
    parameters: parameters(""),
    result: "list[str]",
    access: "objects",
    deprecated: true,
    alternative: "host_getIdents",
    run: async ({ objects }) =>
      idsOf(await objects.readIdents(hosts, { type: ["OpsiConfigserver", "OpsiDepotserver"], isMasterDepot: true })),
  },
];
