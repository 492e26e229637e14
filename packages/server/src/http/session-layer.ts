import { isOpsiError } from "@opsi-ts/model";
import { accessRule, readingMethods } from "../auth/access-role.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { parseBasic } from "../auth/basic.ts";
import {
  authorizationMissing,
  networkNotAllowed,
  permissionDenied,
  Refusal,
  sentByOtherSite,
} from "../auth/refusal.ts";
import type { Session } from "../auth/session.ts";
import { cookieSessionId } from "../auth/session-cookie.ts";
import type { SessionStore } from "../auth/session-store.ts";
import type { Networks } from "../configuration/networks.ts";
import { shortCopy } from "../configuration/short-copy.ts";
import type { ApplicationState } from "./application-state.ts";
import { clientAddress } from "./client-address.ts";
import type { Exchange } from "./exchange.ts";

export interface SessionLayerParts {
  readonly sessions: SessionStore;
  readonly authenticator: Authenticator;
  readonly state: ApplicationState;
  /** Who may connect; empty = everybody. */
  readonly networks: Networks;
  readonly trustedProxies: Networks;
  readonly disabledFeatures: ReadonlySet<string>;
  readonly fileAdminGroup: string;
}

/** Paths that are answered under another name, without a redirect that WebDAV clients would not follow. */
const rewritten: ReadonlyMap<string, string> = new Map([
  ...["/dav", "/boot", "/depot", "/public", "/repository", "/workbench"].map((path) => [path, `${path}/`] as const),
  ["/session/login", "/auth/login"],
  ["/session/logout", "/auth/logout"],
  ["/session/authenticated", "/auth/authenticated"],
]);

/**
 * Everything between the socket and the route: address, maintenance, networks, session, login, rights, in this order.
 * (service 1.2)
 */
export class SessionLayer {
  readonly #parts: SessionLayerParts;

  constructor(parts: SessionLayerParts) {
    this.#parts = parts;
  }

  /**
   * Fills `exchange.address`, `.session`, `.sendCookie` and `.newHostId`. Returns a promise only when somebody has to
   * be logged in: requests with a valid cookie stay in one go.
   *
   * @throws Refusal, or an OpsiError of the login
   */
  enter(exchange: Exchange): Promise<void> | undefined {
    const { state, networks, trustedProxies, disabledFeatures } = this.#parts;
    exchange.path = rewritten.get(exchange.path) ?? withoutProxy(exchange.path);
    const address = clientAddress(exchange.request, trustedProxies);
    exchange.address = address;
    state.admit(address);
    if (!networks.isEmpty && !networks.includes(address)) throw networkNotAllowed(address);

    // Hot path (bench one-host): the rule of /rpc without a walk through the table
    const role =
      exchange.path === "/rpc"
        ? "authenticated"
        : (accessRule(exchange.path, exchange.method, disabledFeatures)?.role ?? "admin");
    if (isForeign(exchange, role === "public")) throw sentByOtherSite();
    const authorization = exchange.request.headers.authorization;
    const session = this.#session(exchange, role === "public" && authorization === undefined);
    if (session === null || session.authenticated || (role === "public" && authorization === undefined)) {
      if (role === "admin") this.#checkAdmin(exchange);
      return undefined;
    }
    return this.#logIn(exchange, session, authorization, role);
  }

  /** The session of cookie or query, or a new one; null where none is needed. */
  #session(exchange: Exchange, optional: boolean): Session | null {
    const { sessions } = this.#parts;
    const { cookie } = exchange.request.headers;
    const id = querySessionId(exchange.query) ?? (cookie === undefined ? null : cookieSessionId(cookie));
    const userAgent = shortCopy(exchange.request.headers["user-agent"] ?? "", longestUserAgent);
    let session = id === null ? null : sessions.find(id);
    if (session === null) {
      if (optional && id === null && !exchange.path.startsWith("/auth")) return null;
      session = sessions.create(exchange.address, userAgent);
      exchange.sendCookie = !neverKeeps(userAgent);
    } else {
      sessions.use(session, exchange.address, userAgent, Date.now());
      exchange.sendCookie = true;
    }
    exchange.session = session;
    const lifetime = exchange.request.headers["x-opsi-session-lifetime"];
    if (lifetime !== undefined) session.maxAge = wantedLifetime(String(lifetime)) ?? session.maxAge;
    return session;
  }

  async #logIn(exchange: Exchange, session: Session, authorization: string | undefined, role: string): Promise<void> {
    try {
      if (authorization === undefined) throw authorizationMissing();
      exchange.newHostId = await this.#parts.authenticator.logIn(session, {
        ...parseBasic(authorization),
        oneTimePassword: exchange.header("x-opsi-mfa-otp"),
        certificate: exchange.certificate,
      });
      this.keep(exchange);
    } catch (error) {
      if (role === "public" && (error instanceof Refusal || isOpsiError(error))) return;
      throw error;
    }
    if (role === "admin") this.#checkAdmin(exchange);
  }

  /** Keeps the session for later requests, unless the program never sends cookies back. */
  keep(exchange: Exchange): void {
    const { session } = exchange;
    if (session !== null && !neverKeeps(session.userAgent)) this.#parts.sessions.keep(session);
  }

  /** Writing to the depot takes the group of file administrators too; depot servers are exempt. (service 1.3) */
  #checkAdmin({ session, path, method }: Exchange): void {
    if (session?.isAdmin !== true) throw permissionDenied();
    // it shows all of the site: calls, sessions, depots with their keys
    if (session.isLimited && path.startsWith("/admin")) throw permissionDenied();
    const mayWrite = !session.isReadOnly && (session.writesServer || !path.startsWith("/admin"));
    if (!mayWrite && !readingMethods.has(method)) throw permissionDenied();
    if (!path.startsWith("/depot") || session.hostId !== null) return;
    if (!session.userGroups.has(this.#parts.fileAdminGroup)) throw permissionDenied();
  }
}

/** Dashboards ask for figures through Grafana's proxy, which is this service again. */
function withoutProxy(path: string): string {
  if (!path.startsWith("/grafana/api/datasources/proxy")) return path;
  return `/metrics/grafana/${path.slice(path.lastIndexOf("/") + 1)}`;
}

/**
 * A page of another site made the browser send this. It would add the login that it remembers: with it any page could
 * act as the administrator who looks at it. Links may lead here. (Fetch Metadata, W3C)
 */
function isForeign({ request: { headers }, method, path }: Exchange, isPublic: boolean): boolean {
  if (headers["sec-fetch-site"] !== "cross-site") return false;
  const isReading = method === "GET" || method === "HEAD";
  const isLink = isReading && headers["sec-fetch-mode"] === "navigate" && !path.startsWith("/rpc");
  return !isLink && !(isPublic && isReading);
}

/** They never return a cookie; keeping their sessions would fill the store. (service 3.4) */
const neverKeeps = (userAgent: string) => userAgent.startsWith("curl") || userAgent.startsWith("libdnf");

/** Characters of a program's name and version; sessions and thousands of past calls keep it. */
const longestUserAgent = 300;

function querySessionId(query: string): string | null {
  if (!query.includes("session_id=")) return null;
  const id = new URLSearchParams(query).get("session_id");
  return id === null || id === "" ? null : id;
}

/** Seconds from X-opsi-session-lifetime, null if out of range. */
function wantedLifetime(header: string): number | null {
  const seconds = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) : 0;
  return seconds > 0 && seconds <= 86_400 ? seconds : null;
}
