import { OpsiError } from "@opsi-ts/model";
import type { Session } from "../auth/session.ts";
import type { AclEntry } from "./acl-file.ts";

type UserType = "user" | "client" | "depot";

function userType(session: Session): UserType {
  if (session.hostId === null) return "user";
  return session.hostType === "OpsiClient" ? "client" : "depot";
}

function fits(entry: AclEntry, session: Session, type: UserType): boolean {
  const id = entry.id?.toLowerCase() ?? null; // as sessions have the names of users, groups and hosts
  switch (entry.type) {
    case "all":
      return true;
    case "self":
      return type !== "user";
    case "opsi_client":
      return type === "client" && (id === null || id === session.hostId);
    case "opsi_depotserver":
      return type === "depot" && (id === null || id === session.hostId);
    case "sys_user":
      return type === "user" && (id === null || id === session.username);
    case "sys_group":
      return type === "user" && (id === null || session.userGroups.has(id));
    default:
      return entry.type satisfies never;
  }
}

/** Who may call what: the rules of acl.conf, looked up once per method name. (methods 4.2) */
export class AccessControl {
  readonly #entries: readonly AclEntry[];
  readonly #byMethod = new Map<string, readonly AclEntry[]>();

  constructor(entries: readonly AclEntry[]) {
    this.#entries = entries;
  }

  /** The entries of the first matching line, and of directly following ones with the same pattern. */
  #rules(method: string): readonly AclEntry[] {
    let rules = this.#byMethod.get(method);
    if (!rules) {
      const matching = this.#entries.filter((entry) => entry.method.test(method));
      const end = matching.findIndex(({ pattern }) => pattern !== matching[0]?.pattern);
      rules = end < 0 ? matching : matching.slice(0, end);
      this.#byMethod.set(method, rules);
    }
    return rules;
  }

  /**
   * The entries that let a session call a method.
   *
   * @throws OpsiServicePermissionError if there is none
   */
  check(method: string, session: Session): readonly AclEntry[] {
    if (!session.authenticated) throw new OpsiError("OpsiServicePermissionError", "Invalid session");
    const type = userType(session);
    const fitting = this.#rules(method).filter((entry) => fits(entry, session, type));
    if (fitting.length === 0) throw new OpsiError("OpsiServicePermissionError", `No permission for method '${method}'`);
    return fitting;
  }
}
