import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import { type Networks, normalizedAddress } from "../configuration/networks.ts";

/** Addresses of open connections; the same for all their requests. */
const peers = new WeakMap<Socket, string>();

/**
 * The address of who asks. Behind a trusted proxy it is the last element of X-Forwarded-For; no other forwarded
 * header is looked at. (service 1.2, step 2)
 */
export function clientAddress(request: IncomingMessage, trustedProxies: Networks): string {
  let peer = peers.get(request.socket);
  if (peer === undefined) {
    peer = normalizedAddress(request.socket.remoteAddress ?? "");
    peers.set(request.socket, peer);
  }
  const forwarded = request.headers["x-forwarded-for"];
  if (forwarded === undefined || !trustedProxies.includes(peer)) return peer;
  const last = String(forwarded).split(",").at(-1)?.trim() ?? "";
  return isIP(last) === 0 ? peer : normalizedAddress(last);
}
