import { type Family, type HardwareTypeName, type HardwareTypes, OpsiError, type OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Session } from "../auth/session.ts";
import type { Filter, HardwareForm, HardwareQuery, Storage, WriteMode } from "../backends/storage.ts";
import type { AccessControl } from "./access-control.ts";
import { checkFilter, onlySelf, readRestriction } from "./restriction.ts";
import type { UserLimits } from "./user-limits.ts";

const prefixes = { AuditHardware: "auditHardware", AuditHardwareOnHost: "auditHardwareOnHost" } as const;

/** All classes of a type as one family: what the access rules speak of. */
function familyOf(name: HardwareTypeName, hardware: HardwareTypes): Family | null {
  const types = hardware.classNames.flatMap((hardwareClass) => hardware.type(name, hardwareClass) ?? []);
  const [base] = types;
  return base ? { prefix: prefixes[name], base, types } : null;
}

/**
 * The hardware of the site as one session may see and change it. The original shows clients the hardware of all hosts;
 * here a client sees its own. (objects 8.3, 8.5)
 */
export class ProtectedHardware {
  readonly #storage: Storage;
  readonly #types: HardwareTypes;
  readonly #access: AccessControl;
  readonly #session: Session;
  readonly #limits: UserLimits | null;

  constructor(
    storage: Storage,
    types: HardwareTypes,
    { access, session, limits }: { access: AccessControl; session: Session; limits: UserLimits | null },
  ) {
    this.#storage = storage;
    this.#types = types;
    this.#access = access;
    this.#session = session;
    this.#limits = limits;
  }

  /** Null where the caller may see nothing of it. @throws OpsiServicePermissionError */
  #restricted(name: HardwareTypeName, given: Filter): HardwareQuery | null {
    const entries = this.#access.check(`${prefixes[name]}_getObjects`, this.#session);
    checkFilter(given, entries);
    const filter = this.#limits === null ? given : this.#limits.narrow(prefixes[name], given);
    if (filter === null) return null;
    const family = familyOf(name, this.#types);
    return { filter, restriction: family ? readRestriction(family, entries, this.#session.hostId) : undefined };
  }

  async readJson(name: HardwareTypeName, filter: Filter, form: HardwareForm): Promise<JsonText> {
    const query = this.#restricted(name, filter);
    return query === null ? new JsonText("[]") : this.#storage.hardware.readJson(name, query, form);
  }

  async read(name: HardwareTypeName, filter: Filter): Promise<OpsiObject[]> {
    const query = this.#restricted(name, filter);
    return query === null ? [] : this.#storage.hardware.read(name, query);
  }

  async count(name: HardwareTypeName): Promise<number> {
    const query = this.#restricted(name, {});
    return query === null ? 0 : this.#storage.hardware.count(name, query);
  }

  /** @throws OpsiServicePermissionError also when one object of several belongs to another host */
  async write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode, verb: string): Promise<void> {
    this.#checkWrite(name, objects, verb);
    await this.#storage.hardware.write(name, objects, mode);
  }

  #checkWrite(name: HardwareTypeName, objects: readonly OpsiObject[], verb: string): void {
    const entries = this.#access.check(`${prefixes[name]}_${verb}`, this.#session);
    const foreign = onlySelf(entries) ? objects.find(({ hostId }) => hostId !== this.#session.hostId) : undefined;
    if (foreign) {
      const field = "hostId";
      throw new OpsiError("OpsiServicePermissionError", `No permission for <${field}: ${foreign[field]}>`, { field });
    }
    this.#limits?.checkChange(prefixes[name], objects);
  }

  async remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    this.#checkRemove(
      name,
      objects.map(({ hostId }) => hostId),
    );
    await this.#storage.hardware.remove(name, objects);
  }

  /**
   * Removes what a filter finds.
   *
   * @throws OpsiServicePermissionError when the filter is not limited to hosts whose hardware the caller may remove,
   *   whether they have some or not
   */
  async removeMatching(name: HardwareTypeName, filter: Filter): Promise<void> {
    const query = this.#restricted(name, filter);
    if (name === "AuditHardwareOnHost") this.#checkRemove(name, [filter["hostId"]].flat());
    const found = query === null ? [] : await this.#storage.hardware.read(name, query);
    if (found.length > 0) await this.remove(name, found);
  }

  async removeOfHosts(hostIds: readonly string[]): Promise<void> {
    this.#restricted("AuditHardwareOnHost", {});
    if (hostIds.length === 0) return;
    this.#checkRemove("AuditHardwareOnHost", hostIds);
    await this.#storage.hardware.removeOfHosts(hostIds);
  }

  /** What a host has from now on, all or nothing. */
  async replaceOfHost(hostId: string, objects: readonly OpsiObject[]): Promise<void> {
    this.#checkRemove("AuditHardwareOnHost", [hostId]);
    this.#checkWrite("AuditHardwareOnHost", objects, "updateObjects");
    await this.#storage.transaction(async ({ hardware }) => {
      await hardware.removeOfHosts([hostId]);
      await hardware.write("AuditHardwareOnHost", objects, "merge");
    });
  }

  #checkRemove(name: HardwareTypeName, hostIds: readonly unknown[]): void {
    const entries = this.#access.check(`${prefixes[name]}_deleteObjects`, this.#session);
    const { hostId } = this.#session;
    if (onlySelf(entries) && (hostIds.length === 0 || hostIds.some((id) => String(id).toLowerCase() !== hostId))) {
      throw new OpsiError("OpsiServicePermissionError", "Delete permission denied", { field: "hostId" });
    }
    this.#limits?.checkChange(
      prefixes[name],
      hostIds.map((id) => ({ hostId: id })),
    );
  }
}
