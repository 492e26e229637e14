import { existsSync, readFileSync, statSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { isRecord } from "../configuration/is-record.ts";
import { hashPassword } from "./password-hash.ts";

export interface LocalUser {
  readonly name: string;
  /** `scrypt$…` */
  readonly password: string;
  /** Lower-case names. */
  readonly groups: readonly string[];
}

/**
 * The users of this server in one file, `{"users": {"admin": {"password": "scrypt$…", "groups": ["opsiadmin"]}}}`.
 * Changes by others, e.g. an administrator with an editor, are seen at the next login. A crash while writing leaves
 * the old or the new file.
 */
export class LocalUsers {
  readonly #path: string;
  #users: ReadonlyMap<string, LocalUser> = new Map();
  #readAt = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether there is a file at all: the first start has none. */
  get exists(): boolean {
    return existsSync(this.#path);
  }

  find(name: string): LocalUser | null {
    return this.#current().get(name.toLowerCase()) ?? null;
  }

  list(): readonly LocalUser[] {
    return [...this.#current().values()];
  }

  /** @throws OpsiError ValueError for a name that nobody could log in with or a user that is already there */
  async create(name: string, password: string, groups: readonly string[] = []): Promise<void> {
    const wanted = checkedName(name);
    this.#refuseKnown(wanted);
    const hash = await hashOf(wanted, password);
    this.#refuseKnown(wanted); // hashing took a while
    this.#put({ name: wanted, password: hash, groups: normalized(groups) });
  }

  /** @throws OpsiError BackendMissingDataError for an unknown user, ValueError for an empty password */
  async setPassword(name: string, password: string): Promise<void> {
    const hash = await hashOf(this.#known(name).name, password);
    this.#put({ ...this.#known(name), password: hash }); // read again: hashing took a while
  }

  /** @throws OpsiError BackendMissingDataError for an unknown user */
  setGroups(name: string, groups: readonly string[]): void {
    this.#put({ ...this.#known(name), groups: normalized(groups) });
  }

  /** @throws OpsiError BackendMissingDataError for an unknown user */
  delete(name: string): void {
    const users = new Map(this.#current());
    users.delete(this.#known(name).name);
    this.#write(users);
  }

  #known(name: string): LocalUser {
    const user = this.find(name);
    if (user === null) throw new OpsiError("BackendMissingDataError", `User '${name}' not found`);
    return user;
  }

  #refuseKnown(name: string): void {
    if (this.#current().has(name)) {
      throw new OpsiError("ValueError", `User '${name}' already exists`, { field: "name" });
    }
  }

  #put(user: LocalUser): void {
    this.#write(new Map(this.#current()).set(user.name, user));
  }

  #write(users: ReadonlyMap<string, LocalUser>): void {
    const entries = [...users.values()].map(({ name, password, groups }) => [name, { password, groups }] as const);
    writeFileAtomically(this.#path, `${JSON.stringify({ users: Object.fromEntries(entries) }, null, 2)}\n`, 0o600);
    this.#readAt = "";
  }

  #current(): ReadonlyMap<string, LocalUser> {
    const state = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
    const version = state === undefined ? "none" : `${state.ino}-${state.mtimeNs}-${state.size}`;
    if (version !== this.#readAt) {
      this.#users = state === undefined ? new Map() : readUsers(this.#path);
      this.#readAt = version;
    }
    return this.#users;
  }
}

async function hashOf(name: string, password: string): Promise<string> {
  if (password === "") throw new OpsiError("ValueError", `User '${name}' needs a password`, { field: "password" });
  return hashPassword(password);
}

const normalized = (groups: readonly string[]) =>
  [...new Set(groups.map((group) => group.trim().toLowerCase()))].filter(Boolean);

/** Two or more dots would make it a host id. (service 3.2) */
function checkedName(name: string): string {
  const lower = name.toLowerCase();
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_@+-]*(\.[\p{L}\p{N}_@+-]+)?$/u.test(lower) || lower.length > 64) {
    throw new OpsiError("ValueError", `'${name}' is no user name: letters, digits, - _ + @ and at most one dot`);
  }
  return lower;
}

function readUsers(path: string): ReadonlyMap<string, LocalUser> {
  const bad = (what: string) => new OpsiError("BackendConfigurationError", `${path}: ${what}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw bad("this is not valid JSON"); // the parser's own text quotes the file, hashes too, and callers are told ours
  }
  const entries = isRecord(content) && isRecord(content["users"]) ? Object.entries(content["users"]) : null;
  if (entries === null) throw bad("no object 'users'");
  return new Map(
    entries.map(([key, value]) => {
      const name = key.toLowerCase();
      if (!isRecord(value) || typeof value["password"] !== "string") throw bad(`user '${name}' has no password hash`);
      const groups = Array.isArray(value["groups"]) ? value["groups"].filter((group) => typeof group === "string") : [];
      return [name, { name, password: value["password"], groups: normalized(groups) }];
    }),
  );
}
