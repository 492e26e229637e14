import { setTimeout as sleep } from "node:timers/promises";
import { OpsiError } from "@opsi-ts/model";
import type { Authenticator } from "../../auth/authenticator.ts";
import type { SessionStore } from "../../auth/session-store.ts";
import { isRecord } from "../../configuration/is-record.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { restErrors } from "../rest-error.ts";
import type { Route } from "../router.ts";
import type { SessionLayer } from "../session-layer.ts";

export interface AuthRouteParts {
  readonly sessions: SessionStore;
  readonly authenticator: Authenticator;
  readonly layer: SessionLayer;
}

const bodyLimit = 64 * 1024;
/** Longest wait of `/auth/wait_authenticated`, in seconds. */
const longestWait = 3600;

/** Login and logout for browsers and opsi-configed. (service 1.7) */
export function authRoutes(parts: AuthRouteParts): Route[] {
  return [
    {
      methods: ["POST"],
      path: "/auth/login",
      role: "public",
      handle: restErrors(401, (exchange) => logIn(exchange, parts)),
    },
    { methods: ["GET", "POST"], path: "/auth/logout", role: "public", handle: (exchange) => logOut(exchange, parts) },
    {
      methods: ["GET", "POST"],
      path: "/auth/session_id",
      role: "public",
      handle: restErrors(500, (exchange) => giveSessionId(exchange, parts)),
    },
    {
      methods: ["GET", "POST"],
      path: "/auth/authenticated",
      role: "authenticated",
      handle: (exchange) => exchange.sendJson(200, true),
    },
    {
      methods: ["GET", "POST"],
      path: "/auth/wait_authenticated",
      role: "public",
      handle: restErrors(401, waitAuthenticated),
    },
  ];
}

/**
 * Logs in the session of the cookie, whoever it belonged to. A failure in an authenticated session leaves it as it
 * was (the original goes on under the new name with the old rights).
 */
async function logIn(exchange: Exchange, { authenticator, layer }: AuthRouteParts): Promise<void> {
  const body = await readBody(exchange.request, bodyLimit);
  const { username, password, mfa_otp } = loginData(exchange.header("content-type"), body);
  const { session } = exchange;
  if (session === null) throw new Error("/auth/login without session");
  const oneTimePassword = mfa_otp || exchange.header("x-opsi-mfa-otp");
  const { certificate } = exchange;
  await authenticator.logIn(session, { username: username.toLowerCase(), password, oneTimePassword, certificate });
  layer.keep(exchange);
  exchange.sendJson(200, { session_id: session.id, is_admin: session.isAdmin });
}

interface LoginData {
  readonly username: string;
  readonly password: string;
  /** Empty where none was sent. */
  readonly mfa_otp: string;
}

function loginData(contentType: string, body: Uint8Array): LoginData {
  const wrong = (text: string) => new OpsiError("ValidationError", text);
  if (!/^\s*application\/([\w.+-]+\+)?json\b/i.test(contentType)) throw wrong("the body must be JSON");
  let data: unknown;
  try {
    data = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw wrong("the body is not valid JSON");
  }
  if (!isRecord(data)) throw wrong("the body must be an object");
  const { username, password, mfa_otp } = data;
  if (typeof username !== "string") throw wrong("username must be a text");
  if (typeof password !== "string") throw wrong("password must be a text");
  if (mfa_otp !== undefined && mfa_otp !== null && typeof mfa_otp !== "string") throw wrong("mfa_otp must be a text");
  return { username, password, mfa_otp: mfa_otp ?? "" };
}

function logOut(exchange: Exchange, { sessions }: AuthRouteParts): void {
  if (exchange.session !== null) {
    sessions.delete(exchange.session);
    exchange.sendCookie = true;
  }
  exchange.sendJson(200, "session deleted");
}

function giveSessionId(exchange: Exchange, { authenticator, layer }: AuthRouteParts): void {
  const { session } = exchange;
  if (session === null) throw new Error("/auth/session_id without session");
  authenticator.admit(session);
  layer.keep(exchange);
  exchange.sendJson(200, session.id);
}

/** Waits until the session is logged in by another request: a browser in which somebody logs in elsewhere. */
async function waitAuthenticated(exchange: Exchange): Promise<void> {
  const seconds = await waitTime(exchange);
  const { session, response } = exchange;
  const end = Date.now() + seconds * 1000;
  while (session !== null && !session.authenticated && !session.ended && Date.now() < end && !response.destroyed) {
    await sleep(Math.min(1000, end - Date.now()));
  }
  const authenticated = session?.authenticated === true;
  exchange.sendJson(authenticated ? 200 : 401, authenticated);
}

async function waitTime(exchange: Exchange): Promise<number> {
  const body = (await readBody(exchange.request, bodyLimit)).toString("utf8");
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    return 0; // the body is optional
  }
  if (!isRecord(data)) {
    throw new OpsiError("AttributeError", "the body must be an object with wait_time");
  }
  const given = data["wait_time"] ?? 0;
  const text = String(given).trim();
  if (!/^[+-]?\d+$/.test(text)) {
    throw new OpsiError("ValueError", `invalid literal for int() with base 10: '${String(given)}'`);
  }
  return Math.min(Math.max(Number(text), 0), longestWait);
}
