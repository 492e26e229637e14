import { getCACertificates, rootCertificates } from "node:tls";
import { OpsiError } from "@opsi-ts/model";
import {
  caFingerprint,
  checkCaCertificates,
  isExpired,
  maximumCaBytes,
  readCaFile,
  writeCaFile,
} from "./certificate-authority.ts";
import { HttpConnection, type RetryOptions, type TlsOptions } from "./http-connection.ts";
import { HttpError } from "./http-error.ts";
import { parseServiceAddress, type ServiceAddress } from "./service-address.ts";

/** How the certificate of a service is checked. (service §6.4) */
export interface TrustOptions {
  /**
   * - `strict`: against `caFile`, or without one against the certificates of Node and of the system
   * - `trust-on-first-use`: the first connection fetches the CA into `caFile`; from then on as `strict`
   * - `none`: not at all
   */
  readonly verify: "strict" | "trust-on-first-use" | "none";
  readonly caFile?: string | undefined;
  /** Take the CA of the service for `caFile` again, unverified, if the one there has expired. */
  readonly replaceExpiredCa?: boolean | undefined;
  /** Told, and by returning `false` able to refuse, before a CA is trusted for the first time; SHA-256, `AB:CD:…`. */
  readonly onTrust?: ((fingerprint: string) => unknown) | undefined;
}

/** What the TLS layer gets, and what is to be done once a connection with it has been verified. */
export interface Trust {
  readonly tls: Pick<TlsOptions, "ca" | "rejectUnauthorized">;
  /** Keeps a CA that was taken on first use. */
  confirm(): Promise<void>;
}

/** @throws OpsiError OpsiServiceVerificationError */
export async function establishTrust(
  address: ServiceAddress,
  options: TrustOptions,
  retry: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<Trust> {
  const { verify, caFile } = options;
  if (verify === "none") return { tls: { rejectUnauthorized: false }, confirm: async () => {} };
  if (caFile === undefined) {
    if (verify === "trust-on-first-use") throw new OpsiError("ValueError", "trust-on-first-use needs a CA file");
    const ca = [...rootCertificates, ...getCACertificates("system")];
    return { tls: { ca, rejectUnauthorized: true }, confirm: async () => {} };
  }
  const known = await readCaFile(caFile);
  if (known !== null && !(options.replaceExpiredCa === true && isExpired(known))) {
    return { tls: { ca: known, rejectUnauthorized: true }, confirm: async () => {} };
  }
  if (verify === "strict" && known === null) {
    throw new OpsiError("OpsiServiceVerificationError", `No CA certificate in ${caFile}`);
  }
  // No credentials on this connection: nobody knows yet who is at the other end.
  await using unverified = new HttpConnection(address, { rejectUnauthorized: false }, {}, retry);
  const ca = await fetchCa(unverified, "/ssl/ca-certs.pem", signal);
  const fingerprint = caFingerprint(ca);
  if ((await options.onTrust?.(fingerprint)) === false) {
    throw new OpsiError("OpsiServiceVerificationError", `CA ${fingerprint} was refused`);
  }
  return { tls: { ca, rejectUnauthorized: true }, confirm: () => writeCaFile(caFile, ca) };
}

/**
 * Keeps the CA of a service in `caFile` at the first contact, once the service has proven it; nobody logs in. A CA that
 * is kept already has to be proven as well. (service §6.4)
 *
 * @throws OpsiError OpsiServiceVerificationError, OpsiServiceConnectionError, OpsiServiceTimeoutError
 */
export async function trustAtFirstContact(
  url: string,
  options: Required<Pick<TrustOptions, "caFile" | "onTrust">>,
  signal?: AbortSignal,
): Promise<void> {
  const address = parseServiceAddress(url);
  const retry = { attempts: 2, maximumDelayMilliseconds: 1000 };
  const trust = await establishTrust(address, { ...options, verify: "trust-on-first-use" }, retry, signal);
  await using verified = new HttpConnection(address, trust.tls, {}, retry);
  await fetchCa(verified, "/ssl/ca-certs.pem", signal);
  await trust.confirm();
}

/** The CA certificates of a service; services before 4.3.18.15 know only the opsi CA. (service §1.7) */
export async function fetchCa(
  connection: HttpConnection,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const response = await connection.send({
      method: "GET",
      path,
      signal,
      timeoutMilliseconds: 30_000,
      repeatable: true,
    });
    return checkCaCertificates(Buffer.from(await response.bytes(maximumCaBytes)).toString("utf8"));
  } catch (error) {
    const old = error instanceof HttpError && [401, 403, 404].includes(error.status);
    if (!old || path === "/ssl/opsi-ca-cert.pem") throw error;
    return fetchCa(connection, "/ssl/opsi-ca-cert.pem", signal);
  }
}
