import { Extension } from "@peculiar/x509";
import { der } from "./der.ts";

/** Critical NameConstraints: names of certificates must lie in one of these domains. RFC 5280, 4.2.1.10 */
export function permittedDomains(domains: readonly string[]): Extension {
  // GeneralSubtrees [0], each a SEQUENCE with a dNSName [2]; a leading dot is not part of the certificate
  const subtrees = domains.map((domain) => der(0x30, der(0x82, Buffer.from(domain.replace(/^\./, ""), "latin1"))));
  const value = der(0x30, der(0xa0, ...subtrees));
  return new Extension("2.5.29.30", true, value);
}
