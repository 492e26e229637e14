import { authorizationUnsupported, Refusal } from "./refusal.ts";

export interface Credentials {
  /** Lower-case. */
  readonly username: string;
  readonly password: string;
}

/**
 * Reads `Authorization: Basic base64(name:password)`. The name ends at the first colon, or at the last one if there
 * are exactly six: then it is a hardware address. (service 3.1)
 *
 * @throws Refusal 401 for another scheme and for what cannot be decoded (the original answers the latter with 500)
 */
export function parseBasic(header: string): Credentials {
  if (!header.startsWith("Basic ")) throw authorizationUnsupported();
  const encoded = header.slice(6).trim();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) throw malformed();
  const text = decodeUtf8(Buffer.from(encoded, "base64"));
  const first = text.indexOf(":");
  if (first < 0) throw malformed();
  const end = text.split(":").length === 7 ? text.lastIndexOf(":") : first;
  return { username: text.slice(0, end).toLowerCase(), password: text.slice(end + 1) };
}

const malformed = () => new Refusal(401, "Authentication error");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed();
  }
}
