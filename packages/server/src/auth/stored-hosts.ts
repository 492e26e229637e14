import { familyOf, fromHash, OpsiClient, type OpsiObject } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { HostDirectory, HostKey, HostRecord } from "./host-directory.ts";
import type { HostType } from "./session.ts";

const hosts = familyOf("host");
const attributes = ["opsiHostKey", "oneTimePassword", "ipAddress", "hardwareAddress", "systemUUID"];
const idsAtOnce = 1000;
const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

function record(host: OpsiObject): HostRecord {
  return {
    id: String(host["id"]),
    type: host.type as HostType,
    opsiHostKey: text(host["opsiHostKey"]),
    oneTimePassword: text(host["oneTimePassword"]),
    ipAddress: text(host["ipAddress"]),
  };
}

/** Host login over the stored Host objects. */
export class StoredHosts implements HostDirectory {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async findHosts(by: HostKey): Promise<HostRecord[]> {
    const [[name, value] = ["id", ""]] = Object.entries(by) as [string, string][];
    // What a filter would take for an operator is no host's id, key or address.
    if (/^[<>]|\*|%/.test(value)) return [];
    const found = await this.#storage.read(hosts, { attributes, filter: { [name]: value } });
    return found.filter((host) => host[name] === value).map(record);
  }

  async existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let start = 0; start < ids.length; start += idsAtOnce) {
      const filter = { id: ids.slice(start, start + idsAtOnce) };
      for (const { id } of await this.#storage.readIdents(hosts, { filter })) found.add(String(id));
    }
    return found;
  }

  async noteLogin(hostId: string, login: { readonly lastSeen: string; readonly ipAddress?: string }): Promise<void> {
    await this.#storage.write(hosts, [fromHash(OpsiClient, { id: hostId, ...login })], "update");
  }

  async clearOneTimePassword(hostId: string): Promise<void> {
    await this.#storage.write(hosts, [fromHash(OpsiClient, { id: hostId, oneTimePassword: "" })], "update");
  }

  async createClient(client: { readonly id: string; readonly opsiHostKey: string; readonly notes: string }) {
    const host = fromHash(OpsiClient, client);
    await this.#storage.write(hosts, [host], "insert");
    return record(host);
  }
}
