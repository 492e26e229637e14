import { OpsiError } from "@opsi-ts/model";
import type { LoginThrottle } from "../../auth/login-throttle.ts";
import type { Session } from "../../auth/session.ts";
import type { SessionStore } from "../../auth/session-store.ts";
import { exploded, normalizedAddress } from "../../configuration/networks.ts";
import { networks } from "../../configuration/option-kinds.ts";
import { type ApplicationState, withLocalExceptions } from "../application-state.ts";
import type { Exchange } from "../exchange.ts";
import { readJsonObject } from "../json-body.ts";
import { restErrors } from "../rest-error.ts";
import type { Route } from "../router.ts";

export interface AccessRouteParts {
  readonly sessions: SessionStore;
  readonly throttle: LoginThrottle;
  readonly state: ApplicationState;
  /** Reads acl.conf anew. @throws ValueError */
  reload(): void;
}

/** Who is connected, who is blocked, who may connect now: for administrators. (service 1.7, 1.8) */
export function accessRoutes({ sessions, throttle, state, reload }: AccessRouteParts): Route[] {
  const admin = (method: string, path: string, handle: (exchange: Exchange) => unknown): Route => ({
    methods: [method],
    path: `/admin/${path}`,
    role: "admin",
    handle: restErrors(500, async (exchange) => {
      const result = await handle(exchange);
      const total = Array.isArray(result) ? ["x-total-count", String(result.length)] : [];
      exchange.sendJson(200, result, path === "blocked-clients" ? total : []);
    }),
  });
  return [
    admin("GET", "session-list", () => sessions.list().map(describe).sort(byAddress)),
    admin("POST", "delete-client-sessions", async (exchange) => {
      const client = await clientAddress(exchange);
      const deleted = sessions.list(normalizedAddress(client));
      for (const session of deleted) sessions.delete(session);
      return { client, sessions: deleted.map(({ id }) => `${id.slice(0, 6)}...`), "redis-keys": [] };
    }),
    admin("GET", "blocked-clients", () => throttle.blockedAddresses().map(exploded)),
    admin("POST", "unblock-client", async (exchange) => {
      const client = await clientAddress(exchange);
      throttle.unblock(normalizedAddress(client));
      return { client, "redis-keys": [] };
    }),
    admin("POST", "unblock-all", (exchange) => {
      exchange.request.resume();
      const clients = throttle.blockedAddresses();
      for (const address of clients) throttle.unblock(address);
      return { clients: clients.map(exploded), "redis-keys": [] };
    }),
    admin("POST", "reload", (exchange) => {
      exchange.request.resume();
      reload();
      return "reload sent";
    }),
    admin("GET", "app-state", () => stateJson(state)),
    admin("POST", "app-state", (exchange) => setState(exchange, state)),
  ];
}

async function clientAddress(exchange: Exchange): Promise<string> {
  const { client_addr: address } = await readJsonObject(exchange);
  if (typeof address !== "string" || address === "") throw new OpsiError("ValueError", "client_addr missing");
  return address;
}

/** A session without what would let somebody use it. */
function describe(session: Session) {
  const seconds = (time: number) => Math.floor(time / 1000);
  const used = Math.max(session.lastUsed, session.messagebusLastUsed);
  return {
    created: seconds(session.created),
    last_used: seconds(session.lastUsed),
    messagebus_last_used: seconds(session.messagebusLastUsed),
    validity: Math.floor((used + session.maxAge * 1000 - Date.now()) / 1000),
    max_age: session.maxAge,
    user_agent: session.userAgent,
    authenticated: session.authenticated,
    username: session.username,
    auth_methods: [...session.authMethods].sort(),
    address: session.address,
    session_id: `${session.id.slice(0, 6)}...`,
  };
}

type Described = ReturnType<typeof describe>;
const byAddress = (a: Described, b: Described) =>
  a.address === b.address ? a.validity - b.validity : a.address < b.address ? -1 : 1;

function stateJson({ type, maintenance }: ApplicationState) {
  if (maintenance === null) return { accomplished: true, type };
  const { retryAfter, message, addressExceptions } = maintenance;
  return { accomplished: true, type, retry_after: retryAfter, message, address_exceptions: addressExceptions };
}

async function setState(exchange: Exchange, state: ApplicationState) {
  const wanted = await readJsonObject(exchange);
  const type = wanted["type"];
  if (type === "normal") {
    state.set("normal");
  } else if (type === "maintenance") {
    const { retry_after: retryAfter, message, address_exceptions: given } = wanted;
    const exceptions = Array.isArray(given) ? networkList(given) : null;
    const own = wanted["auto_add_to_address_exceptions"] === true;
    const all = own ? withLocalExceptions([...(exceptions ?? []), ...networkList([exchange.address])]) : exceptions;
    state.startMaintenance({
      ...(typeof retryAfter === "number" && retryAfter > 0 ? { retryAfter } : {}),
      ...(typeof message === "string" && message !== "" ? { message } : {}),
      ...(all === null ? {} : { addressExceptions: all }),
    });
  } else {
    throw new OpsiError("ValueError", `Invalid application state type: ${String(type)}`);
  }
  return stateJson(state);
}

function networkList(values: readonly unknown[]): readonly string[] {
  try {
    return networks.parse(values.map(String).join(","));
  } catch (error) {
    throw new OpsiError("ValueError", error instanceof Error ? error.message : String(error));
  }
}
