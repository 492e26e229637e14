import { OpsiError } from "@opsi-ts/model";
import { type Client, type Entry, escapeFilter, ResultCodeError } from "ldapts";
import type { UserAuthenticator, UserLogin } from "../user-login.ts";
import { attributeValues, groupNames, readEntry } from "./group-names.ts";
import { withDirectory } from "./ldap-connection.ts";
import { bindName, type LdapSettings } from "./ldap-settings.ts";

/** What directories answer to a login that they refuse; everything else says that they could not decide. */
const refusals: ReadonlySet<number> = new Set([
  19, // constraintViolation: locked by a password policy
  32, // noSuchObject
  48, // inappropriateAuthentication: the entry has no password
  49, // invalidCredentials
  50, // insufficientAccessRights
  53, // unwillingToPerform: Active Directory, for accounts that may not log in
]);

/** Directories take no longer ones, and answer with odd errors. */
const longestName = 256;

/** Users of OpenLDAP or Active Directory: who can log in there with his password can log in here. (service 3.4) */
export class LdapUsers implements UserAuthenticator {
  readonly #settings: LdapSettings;
  readonly #deadline: number;

  /** @param deadline milliseconds that a login may take */
  constructor(settings: LdapSettings, deadline = 20_000) {
    this.#settings = settings;
    this.#deadline = deadline;
  }

  /**
   * @throws OpsiError OpsiServiceAuthenticationError; BackendUnableToConnectError, BackendIOError and
   * BackendConfigurationError where the directory could not tell
   */
  async logIn(username: string, password: string): Promise<UserLogin> {
    // a login without password succeeds in many directories: as nobody (RFC 4513 5.1.2)
    if (password === "" || username === "") throw refused(username, "no password");
    if (username.length > longestName) throw refused(`${username.slice(0, 20)}…`, "no such account");
    return withDirectory(this.#settings, this.#deadline, async (client) => {
      const entryName = await this.#bind(client, username, password);
      const groups = await this.#read(client, entryName, username).catch((error: unknown) => {
        if (error instanceof OpsiError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new OpsiError("BackendIOError", `Directory ${this.#settings.host}: ${reason}`, { cause: error });
      });
      return { groups, methods: new Set(["username", "password_ldap"] as const) };
    });
  }

  /** @returns the DN of the user where he logged in with it, else null */
  async #bind(client: Client, username: string, password: string): Promise<string | null> {
    const { name, isDn } = bindName(this.#settings, username);
    try {
      await client.bind(name, password);
      return isDn ? name : null;
    } catch (error) {
      const code = error instanceof ResultCodeError ? error.code : null;
      const reason = error instanceof Error ? error.message : String(error);
      if (code !== null && refusals.has(code)) throw refused(username, reason);
      const text = `Directory ${this.#settings.host} did not check '${name}': ${reason}`;
      const isConfiguration = code === 34 || code === 8 || code === 13; // no DN, or it wants TLS
      throw new OpsiError(isConfiguration ? "BackendConfigurationError" : "BackendIOError", text, { cause: error });
    }
  }

  async #read(client: Client, dn: string | null, username: string): Promise<Set<string>> {
    const isAccount = escapeFilter`(&(objectclass=user)(sAMAccountName=${username}))`;
    const isPosixAccount = escapeFilter`(&(objectclass=posixAccount)(uid=${username}))`;
    const account = await this.#find(client, dn, isAccount, "sAMAccountName", username);
    const user = account ?? (await this.#find(client, dn, isPosixAccount, "uid", username));
    if (user === null) throw refused(username, "no account of this name in the directory");
    const groups = await groupNames(client, this.#settings, user, username);
    if (account !== null) groups.add("domain users"); // the primary group, which memberOf does not name
    return groups;
  }

  /**
   * The entry of that name below the base; who logged in with his DN is that entry and no other of the same name.
   * Directories take blanks around a name and some characters for nothing or for others: who came in so would be
   * somebody else here, without the second factor and the limits that his name has.
   */
  async #find(
    client: Client,
    dn: string | null,
    filter: string,
    nameAttribute: string,
    username: string,
  ): Promise<Entry | null> {
    const attributes = ["memberOf", nameAttribute];
    const found =
      dn === null
        ? (await client.search(this.#settings.base, { filter, attributes })).searchEntries
        : await readEntry(client, dn, filter, attributes);
    if (found.length > 1) throw refused(username, "the directory has several accounts of this name");
    const [entry] = found;
    if (entry === undefined) return null;
    const names = attributeValues(entry, nameAttribute).map((name) => name.toLowerCase());
    return names.includes(username.toLowerCase()) ? entry : null;
  }
}

const refused = (username: string, text: string) =>
  new OpsiError("OpsiServiceAuthenticationError", `Authentication failed for user '${username}': ${text}`);
