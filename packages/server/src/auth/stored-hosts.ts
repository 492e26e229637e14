import { families, fromHash, OpsiClient, type OpsiObject } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { HostDirectory, HostKey, HostRecord } from "./host-directory.ts";
import type { HostType } from "./session.ts";

const hosts = families.find(({ prefix }) => prefix === "host");

/** Hosts as the site's storage has them. */
export function storedHosts(storage: Storage): HostDirectory {
  if (hosts === undefined) throw new Error("There are no hosts in the model");
  const update = (object: OpsiObject) => storage.write(hosts, [object], "update");
  return {
    async findHosts(by: HostKey) {
      const [[attribute, value] = ["id", ""]] = Object.entries(by);
      const found = await storage.read(hosts, { filter: { [attribute]: value } });
      // a filter knows wildcards, a login name does not
      return found.filter((host) => host[attribute] === value).map(record);
    },
    noteLogin: (id, login) => update(fromHash(OpsiClient, { id, ...login })),
    clearOneTimePassword: (id) => update(fromHash(OpsiClient, { id, oneTimePassword: "" })),
    async createClient(client) {
      const host = fromHash(OpsiClient, client);
      await storage.write(hosts, [host], "insert");
      return record(host);
    },
  };
}

function record(host: OpsiObject): HostRecord {
  const text = (attribute: string) => (typeof host[attribute] === "string" ? host[attribute] : null);
  return {
    id: text("id") ?? "",
    type: host.type as HostType,
    opsiHostKey: text("opsiHostKey"),
    oneTimePassword: text("oneTimePassword"),
    ipAddress: text("ipAddress"),
  };
}
