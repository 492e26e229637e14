import { X509Certificate } from "node:crypto";
import { OpsiError } from "@opsi-ts/model";

/** Who may need a certificate to log in. */
export type CertificateHolder = "client" | "depot" | "user";

/** Logins that need a certificate of the opsi CA for their name besides the password. (service 3.3, 3.4) */
export class ClientCertificates {
  readonly #required: ReadonlySet<string>;
  readonly #authority: () => Promise<string>;

  /** @param authority PEM of the opsi CA */
  constructor(required: readonly CertificateHolder[], authority: () => Promise<string>) {
    this.#required = new Set(required);
    this.#authority = authority;
  }

  /**
   * @param certificate what the caller proved to have the key of, while the connection was made
   * @returns whether a certificate was needed, and so was there
   * @throws OpsiError OpsiServiceAuthenticationError
   */
  async check(holder: CertificateHolder, name: string, certificate: X509Certificate | null): Promise<boolean> {
    if (!this.#required.has(holder)) return false;
    const refused = (text: string) =>
      new OpsiError("OpsiServiceAuthenticationError", `Authentication of ${holder} '${name}' failed: ${text}`);
    if (certificate === null) throw refused("a client certificate is needed, and none was sent");
    const authority = new X509Certificate(await this.#authority());
    const isOurs = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
    if (!isOurs) throw refused("the opsi CA did not sign the client certificate");
    const now = new Date();
    const isCurrent = certificate.validFromDate <= now && now <= certificate.validToDate;
    if (!isCurrent) throw refused(`the client certificate was good until ${certificate.validTo}`);
    const owner = commonName(certificate);
    if (owner?.toLowerCase() !== name) throw refused(`the client certificate is for '${owner ?? ""}'`);
    return true;
  }
}

/** Null where there is none, or several. */
function commonName(certificate: X509Certificate): string | null {
  const value = certificate.toLegacyObject().subject["CN"];
  return typeof value === "string" ? value : null;
}
