import type { Route } from "../router.ts";

export interface StatusRouteParts {
  readonly version: string;
  readonly libraryVersion: string;
  readonly nodeName: string;
  readonly hostName: string;
  /** Days until CA and server certificate end; null as long as they are made. */
  certificateValidity(): { readonly authority: number | null; readonly server: number | null };
}

/** How the service is, for monitoring systems and load balancers. (service 1.7) */
export function statusRoutes(parts: StatusRouteParts): Route[] {
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
      handle: (exchange) => exchange.sendText(200, statusText(parts)),
    },
    {
      methods: ["HEAD"],
      path: "/status/",
      role: "public",
      handle: (exchange) => exchange.sendText(200, statusText(parts)),
    },
  ];
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
