import { sessionUserId } from "../auth/session.ts";
import { sessionCookie } from "../auth/session-cookie.ts";
import type { Exchange, HeaderList } from "./exchange.ts";

export interface ResponseHeaderSettings {
  /** Of the original whose behaviour we offer. */
  readonly version: string;
  readonly serverRole: string;
  readonly nodeName: string;
  readonly securityHeaders: boolean;
}

/** The port that `Access-Control-Allow-Origin` names unless the request's Origin names one; fixed in the original. */
const originPort = "4447";

/**
 * The headers that every response carries. Constant ones are laid out once, those of a second or of an origin are
 * remembered: this is part of the hot path (bench one-host). (service 1.4)
 */
export class ResponseHeaders {
  readonly #constant: readonly string[];
  readonly #origins = new Map<string, string>();
  #second = 0;
  /** The constant ones with the time of this second. */
  #common: readonly string[] = [];

  constructor({ version, serverRole, nodeName, securityHeaders }: ResponseHeaderSettings) {
    this.#constant = [
      ...["server", `opsiconfd ${version} (uvicorn)`],
      ...["x-opsi-server-role", serverRole],
      ...["x-opsi-worker-id", `${nodeName}:1`],
      ...["x-opsi-auth-methods", "password"],
      ...["access-control-allow-methods", "*"],
      ...["access-control-allow-headers", allowedHeaders],
      ...["access-control-allow-credentials", "true"],
      ...["access-control-expose-headers", exposedHeaders],
      ...(securityHeaders
        ? [
            "strict-transport-security",
            "max-age=600; includeSubDomains",
            "x-content-type-options",
            "nosniff",
            "x-frame-options",
            "DENY",
          ]
        : []),
    ];
  }

  /** All headers of a response: those given, then the common ones, then those of request and session. */
  list(exchange: Exchange, given: HeaderList): string[] {
    const now = this.#now();
    const list = given.concat(this.#common, this.#own(exchange, now));
    // GRUB 2.06 in UEFI HTTP boot cannot parse lower-case names
    if (exchange.path.startsWith("/public/boot") && exchange.header("user-agent").startsWith("UefiHttpBoot")) {
      for (let at = 0; at < list.length; at += 2) list[at] = titleCase(list[at] ?? "");
    }
    return list;
  }

  /** For responses that no request belongs to: what could not be parsed. */
  bare(): string {
    this.#now();
    return asLines(this.#common);
  }

  /** The time, after the headers of its second were laid out. Clients set their clock by them and accept `UTC` only. */
  #now(): number {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const date = new Date(second * 1000).toUTCString().replace("GMT", "UTC");
      this.#common = ["date", date, "x-date-unix-timestamp", String(second), ...this.#constant];
    }
    return now;
  }

  #own(exchange: Exchange, now: number): string[] {
    const { host, origin } = exchange.request.headers;
    const list = ["access-control-allow-origin", this.#origin(host, origin), "server-timing", timing(exchange)];
    const { session } = exchange;
    if (session === null) return list;
    if (exchange.sendCookie) list.push("set-cookie", sessionCookie(session, now));
    const userId = sessionUserId(session);
    // names of users may have letters that a header cannot carry
    if (userId !== null) list.push("x-opsi-user-id", userId.replace(/[^\x20-\x7e\xa0-\xff]/g, "?"));
    if (exchange.newHostId !== null) list.push("x-opsi-new-host-id", exchange.newHostId);
    return list;
  }

  #origin(host = "", origin = ""): string {
    const key = origin === "" ? host : `${host}\n${origin}`;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    if (this.#origins.size >= 1000) this.#origins.clear(); // anybody can send anything
    const made = allowedOrigin(host, origin);
    this.#origins.set(key, made);
    return made;
  }
}

const allowedHeaders =
  "Accept,Accept-Encoding,Authorization,Connection,Content-Type,Encoding,Host,Origin,X-opsi-session-lifetime,X-Requested-With";
const exposedHeaders = "X-Total-Count,X-opsi-user-id,X-opsi-server-role,x-opsi-worker-id,x-opsi-auth-methods";

/** `<scheme>://<host>:<port>`: the host of the request, scheme and port of its Origin. (service 1.4) */
export function allowedOrigin(host: string, origin: string): string {
  const name = (/^(\[[^\]]*\]|[^:]*)/.exec(host)?.[1] ?? "").replace(/[^\w.[\]:-]/g, "") || "localhost";
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/(?:\[[^\]]*\]|[^:/]*)(?::(\d+))?)?/i.exec(origin);
  const scheme = origin === "" ? "https" : (match?.[1] ?? "");
  return `${scheme}://${name}:${match?.[2] ?? originPort}`;
}

function timing(exchange: Exchange): string {
  const { started, sessionDone } = exchange;
  const total = `request_processing;dur=${(performance.now() - started).toFixed(3)}`;
  const session = sessionDone === 0 ? "" : `session_handling;dur=${(sessionDone - started).toFixed(3)},`;
  return session + total;
}

function asLines(list: HeaderList): string {
  let lines = "";
  for (let at = 0; at < list.length; at += 2) lines += `${list[at]}: ${list[at + 1]}\r\n`;
  return lines;
}

const titleCase = (name: string) => name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
