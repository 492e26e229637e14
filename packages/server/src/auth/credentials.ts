import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { familyOf, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";
import { encryptText } from "./blowfish.ts";
import type { PasswordFile } from "./password-file.ts";

export interface Password {
  readonly password: string;
  /** Of the depot user only, else empty. */
  readonly rsaPrivateKey: string;
}

export interface CredentialsSettings {
  /** The server's own host, with whose key the file is encrypted. */
  readonly hostId: string;
  readonly depotUser: string;
  readonly depotUserKeyFile: string;
  /** Gives the depot user of the operating system the password; null where the site is not the system's. */
  readonly setSystemPassword: ((username: string, password: string) => Promise<void>) | null;
}

const hosts = familyOf("host");

/** Letters, digits and what Samba, mount and shells take in a password. */
const passwordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/^@?-";
const randomPasswordLength = 32;

/** Passwords that the service hands out. (methods 8) */
export class Credentials {
  readonly #store: ObjectStore;
  readonly #file: PasswordFile;
  readonly #settings: CredentialsSettings;

  constructor(store: ObjectStore, file: PasswordFile, settings: CredentialsSettings) {
    this.#store = store;
    this.#file = file;
    this.#settings = settings;
  }

  get depotUser(): string {
    return this.#settings.depotUser;
  }

  /** @throws BackendMissingDataError where the user has no password */
  async get(username: string): Promise<Password> {
    const password = this.#file.get(username, await this.#ownKey());
    const { depotUser, depotUserKeyFile } = this.#settings;
    const rsaPrivateKey = username === depotUser ? await readFile(depotUserKeyFile, "utf8").catch(() => "") : "";
    return { password, rsaPrivateKey };
  }

  /** The same so that only the host can read it. @throws BackendMissingDataError for an unknown user or host */
  async getForHost(username: string, hostId: string): Promise<Password> {
    const { password, rsaPrivateKey } = await this.get(username);
    const host = await this.#host(hostId);
    if (!host) throw new OpsiError("BackendMissingDataError", `Host '${hostId}' not found in backend`);
    const key = String(host["opsiHostKey"] ?? "");
    return {
      password: encryptText(key, password),
      rsaPrivateKey: rsaPrivateKey === "" ? "" : encryptText(key, rsaPrivateKey),
    };
  }

  /** Null where the user has none. */
  async find(username: string): Promise<string | null> {
    return this.#file.find(username, await this.#ownKey());
  }

  /** @throws ValueError, RuntimeError where the depot user is none of the operating system */
  async set(username: string, password: string): Promise<void> {
    const { depotUser, setSystemPassword } = this.#settings;
    this.#file.set(username, password, await this.#ownKey());
    if (username === depotUser && password !== "") await setSystemPassword?.(username, password);
  }

  /**
   * A new site gets a password for its depot user. (service 8.2 step 6)
   *
   * @throws RuntimeError where the depot user is none of the operating system: the password is stored nevertheless
   */
  async ensureDepotUserPassword(): Promise<void> {
    const { depotUser } = this.#settings;
    if (this.#file.has(depotUser)) return;
    const characters = Array.from({ length: randomPasswordLength }, () =>
      passwordCharacters.charAt(randomInt(passwordCharacters.length)),
    );
    await this.set(depotUser, characters.join(""));
  }

  async #host(id: string): Promise<OpsiObject | undefined> {
    const [host] = await this.#store.read(hosts, { attributes: ["opsiHostKey"], filter: { id } });
    return host;
  }

  async #ownKey(): Promise<string> {
    const { hostId } = this.#settings;
    const host = await this.#host(hostId);
    if (!host) throw new OpsiError("BackendMissingDataError", `Depot '${hostId}' not found in backend`);
    const key = host["opsiHostKey"];
    if (typeof key === "string" && key !== "") return key;
    throw new OpsiError("BackendMissingDataError", `Host key for depot '${hostId}' not found`);
  }
}
