import { existsSync, readFileSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { decryptText, encryptText } from "./blowfish.ts";

/** `name:hex`, as the original has it. */
const line = /^\s*([^:]+)\s*:\s*(\S+)\s*$/;

/** Control characters would end the line, in this file and in the input of programs that set system passwords. */
const controlCharacter = /[\x00-\x1f\x7f]/;

/**
 * Passwords that the service must know in clear text: that of the depot user, with which clients reach the shares, and
 * that of the monitoring user. They are encrypted with the key of the server's own host. (methods 8)
 */
export class PasswordFile {
  readonly #path: string;
  readonly #shownPath: string;

  /** @param shownPath what messages call the file */
  constructor(path: string, shownPath: string) {
    this.#path = path;
    this.#shownPath = shownPath;
  }

  /** Whether the user has a password, with whatever key it was encrypted. */
  has(username: string): boolean {
    return this.#entries().has(username);
  }

  /** Null where the user has none. @throws ValueError where another key was used */
  find(username: string, hostKey: string): string | null {
    const encrypted = this.#entries().get(username);
    return encrypted === undefined ? null : decryptText(hostKey, encrypted);
  }

  /** @throws BackendMissingDataError */
  get(username: string, hostKey: string): string {
    const password = this.find(username, hostKey);
    if (password !== null) return password;
    throw new OpsiError("BackendMissingDataError", `Username '${username}' not found in '${this.#shownPath}'`);
  }

  /**
   * Stores a password; the empty one removes the user. Reading and writing are one step without a pause, so that no
   * other change of this process gets lost; a crash leaves the old or the new file.
   *
   * @throws ValueError for a name or password that the file cannot hold
   */
  set(username: string, password: string, hostKey: string): void {
    if (username.trim() === "" || username.includes(":") || controlCharacter.test(username)) {
      throw new OpsiError("ValueError", `Bad username: '${username}'`, { field: "username" });
    }
    const bad = password.includes('"') ? '"' : controlCharacter.exec(password)?.[0];
    if (bad !== undefined) {
      throw new OpsiError("ValueError", `Character '${bad}' not allowed in password`, { field: "password" });
    }
    const entries = new Map(this.#entries());
    if (password === "") entries.delete(username);
    else entries.set(username, encryptText(hostKey, password));
    const content = [...entries].map(([name, encrypted]) => `${name}:${encrypted}\n`).join("");
    writeFileAtomically(this.#path, content, 0o660);
  }

  #entries(): ReadonlyMap<string, string> {
    const entries = new Map<string, string>();
    if (!existsSync(this.#path)) return entries;
    for (const text of readFileSync(this.#path, "utf8").split(/\r?\n/)) {
      const [, name, encrypted] = line.exec(text) ?? [];
      if (name !== undefined && encrypted !== undefined) entries.set(name.trimEnd(), encrypted);
    }
    return entries;
  }
}
