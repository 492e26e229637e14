import { lookup } from "node:dns/promises";
import {
  forceList,
  fromHash,
  type ObjectType,
  OpsiConfigserver,
  OpsiDepotserver,
  OpsiError,
  objectTypeOf,
  rule,
} from "@opsi-ts/model";
import type { Call } from "../declare.ts";
import { ownDomain } from "../domain.ts";
import { hosts } from "../families.ts";
import { deleteMatching } from "../objects.ts";
import { findHost } from "./find-host.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { compactTimestamp, withoutNulls } from "./legacy-values.ts";

/** @throws ValueError `Bad hostname: ...`, `Bad domain: ...` */
export function newHostId(name: unknown, domain: unknown): string {
  return rule.hostId.coerce(`${rule.hostname.coerce(name)}.${rule.domain.coerce(domain)}`);
}

async function createHost({ objects }: Call, type: ObjectType, hash: Record<string, unknown>): Promise<unknown> {
  const host = fromHash(type, hash);
  await objects.write(hosts, [host], "insert", "createObjects");
  return host["id"];
}

async function setAttribute(call: Call, hostId: unknown, attribute: string, value: unknown): Promise<null> {
  const host = await findHost(call, hostId);
  const changed = fromHash(objectTypeOf(host), { id: host["id"], [attribute]: value });
  await call.objects.write(hosts, [changed], "update", "updateObject");
  return null;
}

async function deleteHost({ objects }: Call, hostId: unknown): Promise<null> {
  await deleteMatching(objects, hosts, { id: rule.hostId.coerce(hostId) });
  return null;
}

async function hostHash(call: Call, hostId: unknown): Promise<Record<string, unknown>> {
  const { type: _type, id, ...host } = await findHost(call, hostId);
  const { created, lastSeen } = host;
  const times =
    created === undefined ? {} : { created: compactTimestamp(created), lastSeen: compactTimestamp(lastSeen) };
  return withoutNulls({ ...host, ...times, hostId: id });
}

/** @returns "" where name service knows nothing */
async function addressOf(hostId: string): Promise<string> {
  const found = await lookup(hostId, { family: 4 }).catch(() => null);
  return found?.address ?? "";
}

async function depotHash(call: Call, depotId: unknown): Promise<Record<string, unknown>> {
  const { type: _type, ...depot } = await findHost(call, depotId, "Depot");
  const ipAddress = depot["ipAddress"] || (await addressOf(String(depot["id"])));
  return withoutNulls({ ...depot, ipAddress, ip: ipAddress });
}

async function hardwareAddress(call: Call, hostId: unknown): Promise<unknown> {
  return (await findHost(call, hostId))["hardwareAddress"] ?? "";
}

const attributeSetters: readonly [method: string, parameter: string, attribute: string, doc: string][] = [
  ["setHostDescription", "description", "description", "Sets the description of a host."],
  ["setHostNotes", "notes", "notes", "Sets the notes of a host."],
  ["setHostInventoryNumber", "inventoryNumber", "inventoryNumber", "Sets the inventory number of a host."],
  ["setHostLastSeen", "timestamp", "lastSeen", "Sets when a client was last seen."],
  ["setOpsiHostKey", "opsiHostKey", "opsiHostKey", "Sets the key of a host."],
];

const remover = (parameter: string, doc: string) => ({
  signature: parameter,
  doc,
  alternative: "host_delete",
  run: deleteHost,
});

/** (methods 16.2) */
export const legacyHostMethods = legacyMethods({
  createServer: {
    signature: "serverName domain description=None notes=None",
    doc: "Creates a config server and returns its id.",
    result: "str",
    alternative: "host_createOpsiConfigserver",
    run: (call, name, domain, description, notes) =>
      createHost(call, OpsiConfigserver, { id: newHostId(name, domain), description, notes }),
  },
  createDepot: {
    signature:
      "depotName domain depotLocalUrl depotRemoteUrl repositoryLocalUrl repositoryRemoteUrl network " +
      "description=None notes=None maxBandwidth=0",
    doc: "Creates a depot and returns its id.",
    result: "str",
    alternative: "host_createOpsiDepotserver",
    run: (call, name, domain, ...values) => {
      const [depotLocalUrl, depotRemoteUrl, repositoryLocalUrl, repositoryRemoteUrl, networkAddress] = values;
      const [description, notes, maxBandwidth] = values.slice(5);
      return createHost(call, OpsiDepotserver, {
        ...{ id: newHostId(name, domain), depotLocalUrl, depotRemoteUrl, repositoryLocalUrl, repositoryRemoteUrl },
        ...{ networkAddress, description, notes, maxBandwidth },
      });
    },
  },
  deleteClient: remover("clientId", "Deletes a client and what belongs to it."),
  deleteDepot: remover("depotId", "Deletes a depot and what belongs to it."),
  deleteServer: remover("serverId", "Deletes a server and what belongs to it."),
  getHostId: {
    signature: "hostname",
    doc: "The id that a host of this name has in the own domain.",
    result: "str",
    run: async (call, hostname) => {
      if (!hostname) throw new OpsiError("ValueError", "Hostname required", { field: "hostname" });
      return `${rule.hostname.coerce(hostname)}.${await ownDomain(call)}`;
    },
  },
  getHost_hash: {
    signature: "hostId",
    doc: "The attributes of a host.",
    alternative: "host_getObject",
    run: hostHash,
  },
  getDepot_hash: {
    signature: "depotId",
    doc: "The attributes of a depot.",
    alternative: "host_getObjects",
    run: depotHash,
  },
  getIpAddress: {
    signature: "hostId",
    doc: "The address of a host, empty if it is not known.",
    result: "str",
    alternative: "host_getObjects",
    run: async (call, hostId) => (await findHost(call, hostId))["ipAddress"] ?? "",
  },
  getMacAddresses_list: {
    signature: "hostId",
    doc: "The hardware address of a host in a list.",
    alternative: "host_getObject",
    run: async (call, hostId) => [await hardwareAddress(call, hostId)],
  },
  getMacAddress: {
    signature: "hostId",
    doc: "The hardware address of a host, empty if it is not known.",
    result: "str",
    alternative: "host_getObject",
    run: hardwareAddress,
  },
  setMacAddresses: {
    signature: "hostId macs",
    doc: "Sets the hardware address of a host: the first of the list.",
    alternative: "host_updateObject",
    run: (call, hostId, macs) => setAttribute(call, hostId, "hardwareAddress", forceList(macs)[0]),
  },
  getOpsiHostKey: {
    signature: "hostId",
    doc: "The key of a host; null where the caller may not see it.",
    result: "str | None",
    alternative: "host_getObject",
    run: async (call, hostId) => {
      if (!hostId) throw new OpsiError("ValueError", "No host id given", { field: "hostId" });
      return (await findHost(call, hostId))["opsiHostKey"] ?? null;
    },
  },
  getServerId: {
    signature: "clientId",
    doc: "The id of the config server.",
    result: "str",
    alternative: "host_getIdents",
    run: async ({ objects }) => {
      const [server] = await objects.readIdents(hosts, { type: "OpsiConfigserver" });
      if (server) return server["id"];
      throw new OpsiError("BackendMissingDataError", "No configserver found");
    },
  },
  ...Object.fromEntries(
    attributeSetters.map(([method, parameter, attribute, doc]) => [
      method,
      {
        signature: `hostId ${parameter}`,
        doc,
        alternative: "host_updateObject",
        run: (call: Call, hostId: unknown, value: unknown) => setAttribute(call, hostId, attribute, value),
      },
    ]),
  ),
});
