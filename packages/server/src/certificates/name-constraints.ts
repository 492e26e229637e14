import { Extension } from "@peculiar/x509";

/** Critical NameConstraints: names of certificates must lie in one of these domains. RFC 5280, 4.2.1.10 */
export function permittedDomains(domains: readonly string[]): Extension {
  // GeneralSubtrees [0], each a SEQUENCE with a dNSName [2]; a leading dot is not part of the certificate
  const subtrees = domains.map((domain) => der(0x30, der(0x82, Buffer.from(domain.replace(/^\./, ""), "latin1"))));
  const value = der(0x30, der(0xa0, Buffer.concat(subtrees)));
  return new Extension("2.5.29.30", true, value);
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const sizes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...sizes]), content]);
}
