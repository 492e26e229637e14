import { type Family, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { Privileges } from "../auth/privileges.ts";
import type { Filter, Ident, ObjectStore } from "../backends/storage.ts";
import { changesServer, readsOnly, tellsOfEverything } from "./method-kinds.ts";
import { narrowFilter } from "./narrow-filter.ts";

/** What there is of hosts or products, parted by what a user may see. */
export interface Reach {
  readonly own: ReadonlySet<string>;
  /** Exists, and is none of his business. */
  readonly foreign: ReadonlySet<string>;
}

/** The parts of the site that a user may see. */
export interface UserReach {
  readonly hosts: Reach;
  readonly products: Reach;
  /** Ids of depots and the config server. */
  readonly servers: ReadonlySet<string>;
}

/** The attribute with the host that objects belong to, by method prefix. */
const hostAttributes: Readonly<Record<string, string>> = {
  host: "id",
  productOnClient: "clientId",
  productOnDepot: "depotId",
  configState: "objectId",
  productPropertyState: "objectId",
  auditSoftwareOnClient: "clientId",
  auditHardwareOnHost: "hostId",
  licenseOnClient: "clientId",
};

const productAttributes: Readonly<Record<string, string>> = {
  product: "id",
  productOnClient: "productId",
  productOnDepot: "productId",
  productProperty: "productId",
  productPropertyState: "productId",
  productDependency: "productId",
};

/** Parameters of methods that name hosts, and those that name products. */
const hostParameter = /^(?:(?:host|client|object|depot|server)_?Ids?|oldId|newId|host|depot|boundToHost)$/i;
const productParameter = /^(?:target|required|force)?product_?Ids?$/i;

/** What is checked of a method. */
interface CalledMethod {
  readonly name: string;
  readonly parameters: readonly { readonly name: string }[];
}

/** What one user may do and see besides the rules of acl.conf. (methods 5) */
export class UserLimits {
  readonly #privileges: Privileges;
  readonly #reach: UserReach;
  readonly #created: Set<string>;

  /** @param created clients that the session created */
  constructor(privileges: Privileges, reach: UserReach, created: Set<string>) {
    const { own, foreign } = reach.hosts;
    const hosts = created.size === 0 ? reach.hosts : { own: own.union(created), foreign: foreign.difference(created) };
    this.#privileges = privileges;
    this.#reach = { ...reach, hosts };
    this.#created = created;
  }

  get onlyReads(): boolean {
    return this.#privileges.onlyReads;
  }

  get #isLimited(): boolean {
    return this.#reach.hosts.foreign.size + this.#reach.products.foreign.size > 0;
  }

  /** @throws OpsiServicePermissionError */
  checkMethod(name: string): void {
    const { onlyReads, writesServer, managesCommands, runsCommands } = this.#privileges;
    const isCommand = name.startsWith("SSHCommand_");
    const changesCommand = isCommand && !name.startsWith("SSHCommand_get");
    const isRefused =
      (onlyReads && !readsOnly(name)) ||
      (!writesServer && changesServer(name)) ||
      (this.#isLimited && tellsOfEverything(name)) ||
      (changesCommand && !managesCommands) ||
      (isCommand && !managesCommands && !runsCommands);
    if (isRefused) throw denied(`method '${name}'`);
  }

  /** Refuses calls that name a foreign host or product. @throws OpsiServicePermissionError */
  checkArguments(method: CalledMethod, values: readonly unknown[]): void {
    for (const [index, { name }] of method.parameters.entries()) {
      const isHost = hostParameter.test(name) || (name === "id" && method.name.startsWith("host_"));
      if (isHost) this.#checkIds(values[index], this.#reach.hosts, name);
      if (productParameter.test(name)) this.#checkIds(values[index], this.#reach.products, name);
    }
  }

  #checkIds(value: unknown, { foreign }: Reach, name: string): void {
    if (foreign.size === 0) return;
    for (const id of flattened(value)) {
      // as the rules of ids read it (objects 1.3)
      const read = String(id).trim().toLowerCase().replace(/\.$/, "");
      if (foreign.has(read)) throw denied(`<${name}: ${read}>`, name);
    }
  }

  /** The hosts of a list that the user may see. */
  visibleHosts<T extends OpsiObject>(hosts: readonly T[]): T[] {
    const { own, foreign } = this.#reach.hosts;
    return foreign.size === 0 ? [...hosts] : hosts.filter(({ id }) => own.has(String(id)));
  }

  /** The filter with what the user may see ANDed; null where nothing can fit. */
  narrow(prefix: string, filter: Filter): Filter | null {
    const { hosts, products } = this.#reach;
    let narrowed: Filter | null = filter;
    const [host, product] = [hostAttributes[prefix], productAttributes[prefix]];
    if (host !== undefined && hosts.foreign.size > 0) narrowed = narrowFilter(narrowed, host, hosts.own);
    if (narrowed !== null && product !== undefined && products.foreign.size > 0) {
      narrowed = narrowFilter(narrowed, product, products.own);
    }
    if (narrowed !== null && prefix === "objectToGroup" && this.#isLimited) {
      narrowed = narrowFilter(narrowed, "objectId", hosts.own.union(products.own));
    }
    return narrowed;
  }

  /**
   * @returns ids of clients that will be created
   * @throws OpsiServicePermissionError when one object of several is not the user's to write
   */
  async checkWrite(store: ObjectStore, family: Family, objects: readonly OpsiObject[]): Promise<readonly string[]> {
    this.checkChange(family.prefix, objects);
    const ids = objects.filter(({ type }) => type === "OpsiClient").map(({ id }) => String(id));
    if (ids.length === 0) return ids;
    const known = new Set((await store.readIdents(family, { filter: { id: ids } })).map(({ id }) => String(id)));
    const created = ids.filter((id) => !known.has(id));
    if (created.length > 0 && !this.#privileges.createsClients) throw denied(`<id: ${created[0]}>`, "id");
    return created;
  }

  /** They stay the user's for the session: he may put them into depots and groups that he sees. */
  noteCreated(clientIds: readonly string[]): void {
    for (const id of clientIds) this.#created.add(id);
  }

  /**
   * Whether the user may write or remove objects.
   *
   * @throws OpsiServicePermissionError
   */
  checkChange(prefix: string, objects: readonly Ident[]): void {
    const { onlyReads, writesServer, limitsHostGroups, limitsProductGroups } = this.#privileges;
    if (onlyReads) throw denied(`${prefix}`);
    if (!writesServer && (prefix === "config" || prefix === "user")) throw denied(prefix);
    const [host, product] = [hostAttributes[prefix], productAttributes[prefix]];
    for (const object of objects) {
      const type = String(object["groupType"] ?? object["type"]);
      if (host !== undefined) {
        this.#checkIds(object[host], this.#reach.hosts, host);
        const isServer = this.#reach.servers.has(String(object[host])) || /^Opsi(?:Depot|Config)server$/.test(type);
        const isSetting = prefix === "host" || prefix === "configState";
        if (!writesServer && isSetting && isServer) throw denied(`<${host}: ${object[host]}>`, host);
      }
      if (product !== undefined) this.#checkIds(object[product], this.#reach.products, product);
      if (prefix === "objectToGroup") {
        const reach = type === "ProductGroup" ? this.#reach.products : this.#reach.hosts;
        this.#checkIds(object["objectId"], reach, "objectId");
      }
      // groups say what he sees: with another parent a group would bring him its members
      if (prefix === "group" && (type === "ProductGroup" ? limitsProductGroups : limitsHostGroups)) {
        throw denied(`<id: ${object["id"]}>`, "id");
      }
    }
  }
}

function flattened(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flatMap(flattened) : [value];
}

function denied(what: string, field?: string): OpsiError {
  const options = field === undefined ? {} : { field };
  return new OpsiError("OpsiServicePermissionError", `No permission for ${what}`, options);
}
