import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "../exchange.ts";
import type { Route } from "../router.ts";

export interface StatusRouteParts {
  readonly version: string;
  readonly libraryVersion: string;
  readonly nodeName: string;
  readonly hostName: string;
  /** Days until CA and server certificate end; null as long as they are made. */
  certificateValidity(): { readonly authority: number | null; readonly server: number | null };
  /** Settles when they are made. */
  readonly certificatesReady: Promise<void>;
}

/** Longest wait for the certificates of a new site, in milliseconds. */
const patience = 10_000;

/** How the service is, for monitoring systems and load balancers. (service 1.7) */
export function statusRoutes(parts: StatusRouteParts): Route[] {
  const sendStatus = async (exchange: Exchange) => {
    if (parts.certificateValidity().server === null) await settled(parts.certificatesReady);
    exchange.sendText(200, statusText(parts));
  };
  return [
    {
      methods: ["GET", "HEAD"],
      path: "/status/short",
      role: "public",
      handle: (exchange) => exchange.sendText(200, "status: ok\n"),
    },
    {
      methods: ["GET"],
      path: "/status/",
      role: "public",
      handle: sendStatus,
    },
    {
      methods: ["HEAD"],
      path: "/status/",
      role: "public",
      handle: sendStatus,
    },
  ];
}

/** Scripts read days as numbers, and would take a gap in the first seconds of a site for an expired certificate. */
async function settled(ready: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(patience, undefined, { signal: waiting.signal, ref: false });
  await Promise.race([ready, late]).catch(() => undefined);
  waiting.abort();
  await late.catch(() => undefined);
}

/** Scripts read these lines. There is no Redis here; its lines say what the memory of this process is. */
function statusText(parts: StatusRouteParts): string {
  const { authority, server } = parts.certificateValidity();
  const { rss, heapTotal } = process.memoryUsage();
  const lines = [
    "status: ok",
    `version: ${parts.version} [python-opsi-common=${parts.libraryVersion}]`,
    `date: ${isoLocal(new Date())}`,
    `node: ${parts.nodeName}`,
    `fqdn: ${parts.hostName}`,
    "redis-status: ok",
    "redis-error: ",
    `redis-mem: ${heapTotal}`,
    `redis-mem-total: ${rss}`,
    `ssl-ca-valid-days: ${authority === null ? "" : Math.floor(authority)}`,
    `ssl-cert-valid-days: ${server === null ? "" : Math.floor(server)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** `2024-05-02T10:11:12+02:00` */
function isoLocal(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const two = (number: number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}
