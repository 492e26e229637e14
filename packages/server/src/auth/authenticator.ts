import type { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError, OpsiError, timestamp } from "@opsi-ts/model";
import { actAs, actorOf, loginMethod } from "../audit/actor.ts";
import type { Networks } from "../configuration/networks.ts";
import type { Credentials } from "./basic.ts";
import type { ClientCertificates } from "./client-certificates.ts";
import type { HostDirectory, HostRecord } from "./host-directory.ts";
import { type HostLoginSettings, isHostName, logInHost } from "./host-login.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import { configedTooOld } from "./refusal.ts";
import type { SecondFactor } from "./second-factor.ts";
import type { HostType, Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";
import type { UserDirectory } from "./user-directory.ts";
import { checkMonitoringPassword } from "./user-login.ts";

export interface AuthenticatorSettings extends HostLoginSettings {
  readonly adminGroup: string;
  /** Empty = nobody only reads. */
  readonly readOnlyGroup: string;
  /** Where administrator rights are given; empty = everywhere. */
  readonly adminNetworks: Networks;
  readonly minConfigedVersion: string;
  readonly monitoringUser: string;
  readonly updateIp: boolean;
}

export interface AuthenticatorParts {
  readonly settings: AuthenticatorSettings;
  readonly sessions: SessionStore;
  readonly throttle: LoginThrottle;
  readonly hosts: HostDirectory;
  readonly users: UserDirectory;
  readonly userLogins: Pick<SecondFactor, "logIn">;
  readonly certificates: ClientCertificates;
  readonly log: Pick<Log, "info" | "warning" | "error">;
}

/** What somebody logs in with. */
export interface Login extends Credentials {
  /** Of users with a second factor; empty = none was sent, it may be part of the password. */
  readonly oneTimePassword: string;
  /** Of the connection; null where the caller sent none. */
  readonly certificate: X509Certificate | null;
}

/** What a login gave, before it becomes part of the session. */
interface Identity {
  readonly username: string;
  readonly hostId: string | null;
  readonly hostType: HostType | null;
  readonly isAdmin: boolean;
  readonly isReadOnly: boolean;
  readonly writesServer: boolean;
  readonly isLimited: boolean;
  readonly groups: ReadonlySet<string>;
  readonly methods: Session["authMethods"];
  readonly newHostId: string | null;
}

/** Turns credentials into an authenticated session. (service 3) */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  /** User logins of one address wait for each other: a guesser must not outrun the counting with parallel tries. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /**
   * The checks before any login: blocked address, version of opsi-configed. (service 1.9)
   *
   * @throws Refusal 403 or 426
   */
  admit(session: Session): void {
    this.#parts.throttle.admit(session.address);
    const { minConfigedVersion } = this.#parts.settings;
    if (minConfigedVersion === "" || !session.userAgent.includes("opsi config editor")) return;
    const last = session.userAgent.trim().split(/\s+/).at(-1) ?? "";
    const version = /^\d+(\.\d+)*$/.test(last) ? last : null;
    if (version !== null && !isOlder(version, minConfigedVersion)) return;
    throw configedTooOld(version ?? session.userAgent, minConfigedVersion);
  }

  /**
   * Logs in and changes the session accordingly; a failure leaves it as it was, is counted and takes 0.2 s.
   *
   * @returns the real host id if the host called itself otherwise
   * @throws Refusal 403, 426; OpsiError OpsiServiceAuthenticationError for wrong credentials
   */
  async logIn(session: Session, login: Login): Promise<string | null> {
    const { username } = login;
    const isHost = isHostName(username) && username !== this.#parts.settings.monitoringUser;
    const actor = actorOf({ username, hostId: isHost ? username : null, address: session.address }, loginMethod);
    return actAs(actor, () =>
      isHost ? this.#attempt(session, login) : this.#inTurn(session.address, () => this.#attempt(session, login)),
    );
  }

  async #attempt(session: Session, login: Login): Promise<string | null> {
    const { throttle, log, sessions } = this.#parts;
    this.admit(session);
    // the attempt that finds too many failures is still looked at; those that were under way beside it are not
    const isLast = throttle.isBlocked(session.address);
    const admitAgain = () => (isLast ? undefined : throttle.admit(session.address));
    try {
      const identity = await this.#identify(session, login, admitAgain);
      session.username = identity.username;
      session.hostId = identity.hostId;
      session.hostType = identity.hostType;
      session.isAdmin = identity.isAdmin;
      session.isReadOnly = identity.isReadOnly;
      session.writesServer = identity.writesServer;
      session.isLimited = identity.isLimited;
      session.userGroups = identity.groups;
      session.authMethods = identity.methods;
      session.authenticated = true;
      if (identity.hostType !== null && identity.hostType !== "OpsiClient") sessions.noteDepotAddress(session.address);
      log.info({ client: session.address, username: identity.username, isAdmin: identity.isAdmin }, "logged in");
      return identity.newHostId;
    } catch (error) {
      if (isOpsiError(error, "OpsiServiceAuthenticationError")) {
        throttle.noteFailure(session.address);
        log.warning({ client: session.address, reason: error.message }, "login failed");
        await sleep(200);
      } else if (isOpsiError(error)) {
        log.error({ client: session.address, err: error }, "login could not be checked"); // callers only get its text
      }
      throw error;
    }
  }

  async #identify(session: Session, login: Login, admitAgain: () => void): Promise<Identity> {
    const { username, password } = login;
    if (password === "") throw new OpsiError("OpsiServiceAuthenticationError", "No password specified");
    if (username === this.#parts.settings.monitoringUser) return this.#identifyMonitoring(username, password);
    return isHostName(username) ? this.#identifyHost(session, login, admitAgain) : this.#identifyUser(session, login);
  }

  async #identifyMonitoring(username: string, password: string): Promise<Identity> {
    const { users } = this.#parts;
    const { groups, methods } = checkMonitoringPassword(username, password, await users.filePassword(username));
    const rights = { isAdmin: false, isReadOnly: true, writesServer: false, isLimited: false, groups, methods };
    return { username, hostId: null, hostType: null, newHostId: null, ...rights };
  }

  /** @param admitAgain throws where others failed too often while the host was looked up */
  async #identifyHost(session: Session, login: Login, admitAgain: () => void): Promise<Identity> {
    const { hosts, settings, certificates } = this.#parts;
    let hasCertificate = false;
    const admit = async ({ id, type }: Pick<HostRecord, "id" | "type">) => {
      const holder = type === "OpsiClient" ? "client" : "depot";
      hasCertificate = await certificates.check(holder, id, login.certificate);
      admitAgain();
    };
    const { username, password } = login;
    const found = await logInHost(username, password, session.userAgent, hosts, settings, admit);
    const { host, newHostId } = found;
    const methods = hasCertificate ? new Set([...found.methods, "tls_certificate" as const]) : found.methods;
    if (host.type === "OpsiClient") {
      const { address } = session;
      const isNew = settings.updateIp && !["127.0.0.1", "::1", host.ipAddress].includes(address);
      await hosts.noteLogin(host.id, { lastSeen: timestamp(), ...(isNew ? { ipAddress: address } : {}) });
    }
    const isAdmin = host.type !== "OpsiClient" && this.#givesAdmin(session.address);
    const identity = { username: host.id, hostId: host.id, hostType: host.type, groups: new Set<string>() };
    return { ...identity, isAdmin, isReadOnly: false, writesServer: true, isLimited: false, methods, newHostId };
  }

  async #identifyUser(session: Session, login: Login): Promise<Identity> {
    const { userLogins, settings, users, certificates } = this.#parts;
    const { username, password, oneTimePassword } = login;
    const hasCertificate = await certificates.check("user", username, login.certificate);
    const known = await userLogins.logIn(username, password, oneTimePassword);
    const methods = hasCertificate ? new Set([...known.methods, "tls_certificate" as const]) : known.methods;
    const groups = new Set(known.groups);
    if (!this.#givesAdmin(session.address)) groups.delete(settings.adminGroup);
    const isAdmin = groups.has(settings.adminGroup);
    const { onlyReads, writesServer, isLimited } = await users.noteUserLogin(username, { isAdmin, groups });
    const isReadOnly = onlyReads || (settings.readOnlyGroup !== "" && groups.has(settings.readOnlyGroup));
    const identity = { username, hostId: null, hostType: null, newHostId: null };
    return { ...identity, isAdmin, isReadOnly, writesServer, isLimited, groups, methods };
  }

  #givesAdmin(address: string): boolean {
    const { adminNetworks } = this.#parts.settings;
    return adminNetworks.isEmpty || adminNetworks.includes(address);
  }

  async #inTurn<T>(address: string, action: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(address) ?? Promise.resolve();
    const turn = before.then(action, action);
    const done = turn.catch(() => undefined);
    this.#queues.set(address, done);
    try {
      return await turn;
    } finally {
      if (this.#queues.get(address) === done) this.#queues.delete(address);
    }
  }
}

/** Are the numbers of a version lower, from left to right? Missing ones count as 0. */
function isOlder(version: string, least: string): boolean {
  const [a, b] = [version.split(".").map(Number), least.split(".").map(Number)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
