import { isIPv6 } from "node:net";
import { OpsiError } from "@opsi-ts/model";

export interface ServiceAddress {
  /** `https://host:port`, IPv6 in brackets. */
  readonly origin: string;
  readonly hostname: string;
  readonly port: number;
  /** Path of JSON-RPC; `/rpc` unless the address has one of its own. */
  readonly rpcPath: string;
}

/**
 * `[https://][user[:pass]@]host[:port][/path]`; default port 4447. A path counts only behind a scheme. Credentials
 * in the address are dropped. (service §6.1)
 *
 * @throws OpsiError ValueError, without repeating what may be a password
 */
export function parseServiceAddress(address: string): ServiceAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "https") {
    throw new OpsiError("ValueError", `Bad service address: scheme '${scheme}' is not supported, use https`);
  }
  const rest = scheme === undefined ? address : address.slice("https://".length);
  const [beforePath = ""] = rest.split(/[/?#]/, 1);
  const path = scheme === undefined ? "" : rest.slice(beforePath.length);
  const authority = beforePath.slice(beforePath.lastIndexOf("@") + 1);
  const bracketed = isIPv6(authority) ? `[${authority}]` : authority;
  let url: URL;
  try {
    // A port in the text is kept by the parser only if it is not the scheme's default, hence the detour over http.
    url = new URL(`http://${bracketed}${path}`);
  } catch {
    throw new OpsiError("ValueError", "Bad service address");
  }
  if (url.hostname === "") throw new OpsiError("ValueError", "Bad service address: host is missing");
  const port = /:(\d+)$/.exec(bracketed)?.[1];
  const number = port === undefined ? 4447 : Number(port);
  return {
    origin: `https://${url.hostname}:${number}`,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: number,
    rpcPath: url.pathname === "/" ? "/rpc" : url.pathname,
  };
}

/** Percent-encodes a path as a person writes it, segment by segment; `?` and `#` are part of a name. */
export function encodePath(path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return encoded.startsWith("/") ? encoded : `/${encoded}`;
}
