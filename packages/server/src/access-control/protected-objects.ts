import { type Family, OpsiError, type OpsiObject, setDefaults } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Session } from "../auth/session.ts";
import type { Filter, Ident, ObjectStore, Query, Storage, WriteMode } from "../backends/storage.ts";
import type { AccessControl } from "./access-control.ts";
import { checkFilter, onlySelf, ownerAttribute, readRestriction, withoutSecrets } from "./restriction.ts";
import type { UserLimits } from "./user-limits.ts";

/** The objects of a store as one session may see and change them. (objects 8, methods 4.3) */
export class ProtectedStore {
  readonly #store: ObjectStore;
  readonly #access: AccessControl;
  readonly #session: Session;
  readonly #limits: UserLimits | null;

  constructor(store: ObjectStore, access: AccessControl, session: Session, limits: UserLimits | null) {
    this.#store = store;
    this.#access = access;
    this.#session = session;
    this.#limits = limits;
  }

  /**
   * The query with what the caller may not see cut away; null where nothing is left.
   *
   * @throws OpsiServicePermissionError
   */
  protected restricted(family: Family, attributes: readonly string[], given: Filter): Query | null {
    const entries = this.#access.check(`${family.prefix}_getObjects`, this.#session);
    checkFilter(given, entries);
    const filter = this.#limits === null ? given : this.#limits.narrow(family.prefix, given);
    if (filter === null) return null;
    const restriction = readRestriction(family, entries, this.#session.hostId);
    const onlyReads = this.#limits?.onlyReads === true;
    return withoutSecrets(family, { attributes, filter, restriction }, this.#session, onlyReads);
  }

  async read(family: Family, attributes: readonly string[] = [], filter: Filter = {}): Promise<OpsiObject[]> {
    const query = this.restricted(family, attributes, filter);
    return query === null ? [] : this.#store.read(family, query);
  }

  async readIdents(family: Family, filter: Filter): Promise<Record<string, unknown>[]> {
    const query = this.restricted(family, [], filter);
    return query === null ? [] : this.#store.readIdents(family, query);
  }

  async count(family: Family, filter: Filter = {}): Promise<number> {
    const query = this.restricted(family, [], filter);
    return query === null ? 0 : this.#store.count(family, query);
  }

  /**
   * @param verb the method whose rule is asked, e.g. `createObjects`
   * @throws OpsiServicePermissionError also when one object of several belongs to another host: nothing is written
   */
  async write(family: Family, objects: readonly OpsiObject[], mode: WriteMode, verb: string): Promise<void> {
    const entries = this.#access.check(`${family.prefix}_${verb}`, this.#session);
    if (onlySelf(entries)) {
      const owner = ownerAttribute(family);
      const foreign = objects.find((object) => object[owner] !== this.#session.hostId);
      if (foreign) {
        throw new OpsiError("OpsiServicePermissionError", `No permission for <${owner}: ${foreign[owner]}>`, {
          field: owner,
        });
      }
      this.#checkHostType(family, objects);
      if (mode !== "update") await this.#checkOwnHost(family);
    }
    await this.#checkConfigs(family, objects);
    const created = await this.#limits?.checkWrite(this.#store, family, objects);
    await this.#store.write(family, objects, mode);
    if (created !== undefined) this.#limits?.noteCreated(created);
  }

  /**
   * A host that may change nothing but itself stays what it is: as a depot it would be an administrator at its next
   * login.
   */
  #checkHostType({ prefix, base }: Family, objects: readonly OpsiObject[]): void {
    if (prefix !== "host") return;
    const { hostType } = this.#session;
    const changed = objects.find(({ type }) => type !== hostType && type !== base.name);
    if (changed === undefined) return;
    throw new OpsiError("OpsiServicePermissionError", `No permission for <type: ${changed.type}>`, { field: "type" });
  }

  /** A host that was deleted while it was logged in must not create itself again, with a key that it chooses. */
  async #checkOwnHost(family: Family): Promise<void> {
    if (family.prefix !== "host") return;
    const { hostId } = this.#session;
    if ((await this.#store.count(family, { filter: { id: hostId } })) > 0) return;
    throw new OpsiError("OpsiServicePermissionError", `No permission for <id: ${hostId}>`, { field: "id" });
  }

  /**
   * Clients may create configs that are missing. Those that are there hold for everybody, the address of the service
   * for one: a client may only say again what they are. What opsi's own programs obey no client creates either: it
   * would tell the agents of all others what to do.
   */
  async #checkConfigs(family: Family, objects: readonly OpsiObject[]): Promise<void> {
    if (family.prefix !== "config" || this.#session.hostType !== "OpsiClient") return;
    const ids = objects.map(({ id }) => id);
    const known = new Map((await this.#store.read(family, { filter: { id: ids } })).map((one) => [one["id"], one]));
    for (const object of objects) {
      const stored = known.get(object["id"]);
      if (stored === undefined ? !isReserved(object["id"]) : isSame(setDefaults(object), stored)) continue;
      throw new OpsiError("OpsiServicePermissionError", `No permission for <id: ${object["id"]}>`, { field: "id" });
    }
  }

  /** Objects of other hosts are left alone where the caller may only touch its own. */
  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    const entries = this.#access.check(`${family.prefix}_deleteObjects`, this.#session);
    let permitted = idents;
    if (onlySelf(entries)) {
      const owner = ownerAttribute(family);
      permitted = idents.filter((ident) => ident[owner] === this.#session.hostId);
      if (permitted.length === 0) throw new OpsiError("OpsiServicePermissionError", "No objects to delete");
    }
    this.#limits?.checkChange(family.prefix, permitted);
    await this.#store.remove(family, permitted);
  }
}

/** First words of the configs that programs of opsi read. */
const reserved = new Set([
  ..."clientconfig configed license-management licensing message_of_the_day opsi opsi-linux-bootimage".split(" "),
  ..."opsi-script opsiclientd opsiconfd opsipxeconfd software-on-demand user webgui".split(" "),
]);

const isReserved = (id: unknown) => reserved.has(String(id).split(".", 1)[0] ?? "");

const isSame = (object: OpsiObject, stored: OpsiObject) =>
  Object.keys(object).every((name) => JSON.stringify(object[name]) === JSON.stringify(stored[name]));

/** The objects of the site as one session may see and change them. */
export class ProtectedObjects extends ProtectedStore {
  readonly #storage: Storage;
  readonly #access: AccessControl;
  readonly #session: Session;
  readonly #limits: UserLimits | null;

  /** @param limits of a user besides the access rules */
  constructor(storage: Storage, access: AccessControl, session: Session, limits: UserLimits | null) {
    super(storage, access, session, limits);
    this.#storage = storage;
    this.#access = access;
    this.#session = session;
    this.#limits = limits;
  }

  async readJson(
    family: Family,
    attributes: readonly string[],
    filter: Filter,
    form: "object" | "hash",
  ): Promise<JsonText> {
    const query = this.restricted(family, attributes, filter);
    return query === null ? new JsonText("[]") : this.#storage.readJson(family, query, form);
  }

  /** Runs `work` in one transaction. `store` is the same without the caller's limits: for what the server decides. */
  transaction<T>(work: (objects: ProtectedStore, store: ObjectStore) => Promise<T>): Promise<T> {
    return this.#storage.transaction((store) =>
      work(new ProtectedStore(store, this.#access, this.#session, this.#limits), store),
    );
  }
}
