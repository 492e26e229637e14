import type { X509Certificate } from "node:crypto";
import { X509Certificate as Parsed } from "node:crypto";
import type { Log } from "@opsi-ts/logging";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { normalizedAddress } from "../configuration/networks.ts";
import {
  type AuthoritySettings,
  ensureAuthority,
  type LoadedAuthority,
  loadAuthority,
  needsCertificate,
} from "./authority.ts";
import { decodePrivateKey, encodePrivateKey, generateEcKeyPair, generateRsaKeyPair, type KeyPair } from "./key-pair.ts";
import { type OwnNames, ownNames } from "./own-names.ts";
import { alternativeNames, daysLeft, nameAttribute, readCertificates, readIfThere } from "./pem-file.ts";
import { throwAwayCertificate } from "./throw-away.ts";

export interface CertificateSettings {
  readonly authority: AuthoritySettings;
  /** `unmanaged`: the administrator brings the server's certificate. */
  readonly type: "opsi-ca" | "unmanaged";
  readonly hostId: string;
  readonly hostName: string;
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly passphrase: string;
  readonly validDays: number;
  readonly renewDays: number;
  readonly clientValidDays: number;
  /** Further names and addresses. */
  readonly names: readonly string[];
  /** seconds */
  readonly checkInterval: number;
  /** Size of RSA keys. */
  readonly keyBits: number;
}

/** PEM, ready for TLS: keys unencrypted, each with its certificate. */
export interface ServerMaterial {
  readonly key: readonly string[];
  readonly cert: readonly string[];
}

/** The RSA pair that lies in files. */
interface StoredPair {
  readonly key: string;
  readonly cert: string;
}

const defaultServerPassphrase = "ye3heiwaiLu9pama";
/** Certificates of the vendor are never replaced. */
const foreignIssuer = "uib opsi CA";

/**
 * The CA and the server's certificate: kept in files, checked at start and once a day. (service 1.10)
 *
 * Beside the RSA certificate of the files stands one for a P-256 key, with the same names and issuer, made at every
 * start. A handshake with RSA 4096 costs 4.1 ms of the one thread that serves everybody, with P-256 0.02 ms (openssl
 * speed on the machine of the tests): when ten thousand clients come back at once that is 41 s or none. OpenSSL takes
 * the RSA one for clients that know nothing else, such as iPXE.
 *
 * Two RSA keys of 4096 bits take 0.5 to 2 s, and the service shall answer within one second of a fresh start. So it
 * begins with a throw-away P-256 certificate, while the real keys are made in other threads; `ready` settles when they
 * are in use. What hands out the CA waits for `ready`, so nobody gets to see a CA that does not fit the connection that
 * follows.
 */
export class ServerCertificates implements Disposable {
  readonly ready: Promise<void>;
  readonly #settings: CertificateSettings;
  readonly #log: Log;
  #material: ServerMaterial;
  #authority: LoadedAuthority | null;
  #leaf: X509Certificate | null = null;
  readonly #listeners = new Set<(material: ServerMaterial) => void>();
  readonly #first = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;
  #checking: Promise<void> = Promise.resolve();

  /** Quick, and without any thread of its own: whatever takes longer begins with `start`. */
  static open(settings: CertificateSettings, log: Log): ServerCertificates {
    const authority = loadAuthority(settings.authority);
    const stored = storedMaterial(settings, authority) ?? provisional(settings);
    return new ServerCertificates(settings, log, authority, both(stored, null));
  }

  private constructor(
    settings: CertificateSettings,
    log: Log,
    authority: LoadedAuthority | null,
    material: ServerMaterial,
  ) {
    this.#settings = settings;
    this.#log = log;
    this.#authority = authority;
    this.#material = material;
    this.ready = this.#first.promise;
    this.ready.catch(() => undefined); // whoever awaits it hears of it; the log has it too
  }

  /**
   * Makes what is missing and looks after it from now on. The server calls it when its port is open: the threads that
   * make keys would else take the processors from the start itself.
   */
  start(): void {
    if (this.#timer !== null) return;
    this.check().then(this.#first.resolve, this.#first.reject);
    const interval = Math.min(this.#settings.checkInterval * 1000, 2 ** 31 - 1);
    this.#timer = setInterval(() => void this.check().catch(() => undefined), interval);
    this.#timer.unref();
  }

  get material(): ServerMaterial {
    return this.#material;
  }

  /** PEM of the opsi CA, and of everything in the CA file; waits until they exist. */
  async caCertificates(): Promise<{ readonly opsiCa: string; readonly all: string }> {
    const { certificate, allCertificates } = await this.#readyAuthority();
    return { opsiCa: certificate, all: allCertificates };
  }

  /** Days until CA and server certificate end; null as long as they are made. */
  get validity(): { readonly authority: number | null; readonly server: number | null } {
    const server = this.#leaf === null ? null : daysLeft(this.#leaf);
    return { authority: this.#authority?.daysLeft ?? null, server };
  }

  onChange(listener: (material: ServerMaterial) => void): void {
    this.#listeners.add(listener);
  }

  /** Renews what is due. One check at a time. */
  check(): Promise<void> {
    this.#checking = this.#checking.catch(() => undefined).then(() => this.#check());
    return this.#checking;
  }

  /**
   * Key (PKCS#8, not encrypted) and certificate for a host, freshly made: `host_getTLSCertificate`. (service 1.10)
   *
   * @param names further names and addresses of the host
   */
  async issueForHost(host: {
    readonly id: string;
    readonly isDepot: boolean;
    readonly names: readonly string[];
  }): Promise<string> {
    const authority = await this.#readyAuthority();
    const [keys, { hostSubject, issueHost }] = await Promise.all([
      generateRsaKeyPair(this.#settings.keyBits),
      loadIssuing(),
    ]);
    const certificate = await issueHost({
      authority,
      keys,
      subject: hostSubject(host.id, this.#settings.hostId),
      names: [...new Set(["localhost", host.id, "127.0.0.1", "::1", ...host.names])],
      validDays: host.isDepot ? this.#settings.validDays : this.#settings.clientValidDays,
    });
    return `${encodePrivateKey(keys.privateKey, "")}${certificate.trim()}\n`;
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #readyAuthority(): Promise<LoadedAuthority> {
    // a later check may have made what the first one could not
    const problem = await this.ready.catch((error: unknown) => error);
    if (this.#authority === null) throw new Error("There is no opsi CA", { cause: problem });
    return this.#authority;
  }

  async #check(): Promise<void> {
    try {
      await this.#renewWhatIsDue();
    } catch (error) {
      this.#log.error({ subject: "certificates", err: error }, "certificates could not be renewed");
      throw error;
    }
  }

  async #renewWhatIsDue(): Promise<void> {
    const settings = this.#settings;
    if (settings.type === "unmanaged") {
      this.#authority = await ensureAuthority(settings.authority, this.#log);
      const stored = storedMaterial(settings, null);
      if (stored === null)
        throw new Error(`${settings.certificateFile} and its key must be provided: they cannot be read`);
      return this.#use(stored, []);
    }
    const isNew = needsCertificate(loadAuthority(settings.authority), settings.authority);
    const [names, authority, spareKeys] = await Promise.all([
      ownNames([settings.hostName, settings.hostId, ...settings.names]),
      ensureAuthority(settings.authority, this.#log),
      // a new CA always gives the server a new certificate; both keys are made at the same time
      isNew ? generateRsaKeyPair(settings.keyBits) : null,
    ]);
    this.#authority = authority;
    const stored = storedMaterial(settings, authority);
    if (!isNew && stored !== null && !isDue(stored, settings, names)) return this.#use(stored, names.names);
    const keys = spareKeys ?? (await generateRsaKeyPair(settings.keyBits));
    await this.#use(await this.#issue(authority, keys, names), names.names);
  }

  async #issue(authority: LoadedAuthority, keys: KeyPair, { names }: OwnNames): Promise<StoredPair> {
    const { hostId, validDays, keyFile, certificateFile, passphrase } = this.#settings;
    const { hostSubject, issueHost } = await loadIssuing();
    const cert = await issueHost({ authority, keys, subject: hostSubject(hostId, hostId), names, validDays });
    writeFileAtomically(keyFile, encodePrivateKey(keys.privateKey, passphrase), 0o640);
    writeFileAtomically(certificateFile, `${cert.trim()}\n`, 0o640);
    this.#log.notice({ subject: "certificates", validDays }, "server certificate issued");
    return { key: encodePrivateKey(keys.privateKey, ""), cert: chain(new Parsed(cert).toString(), authority) };
  }

  /** Takes a pair into use, with a P-256 one beside it that has the same names. */
  async #use(pair: StoredPair, names: readonly string[]): Promise<void> {
    this.#leaf = new Parsed(pair.cert);
    if (this.#material.cert[0] === pair.cert && this.#material.cert.length > 1) return;
    this.#material = both(pair, await this.#issueEc(names));
    for (const listener of this.#listeners) listener(this.#material);
  }

  /** null if the CA is not ours to issue with. */
  async #issueEc(names: readonly string[]): Promise<StoredPair | null> {
    const { hostId, validDays, type } = this.#settings;
    const authority = this.#authority;
    if (authority === null || type === "unmanaged" || this.#leaf?.verify(authority.keys.publicKey) !== true)
      return null;
    const [keys, { hostSubject, issueHost }] = await Promise.all([generateEcKeyPair(), loadIssuing()]);
    const cert = await issueHost({ authority, keys, subject: hostSubject(hostId, hostId), names, validDays });
    return { key: encodePrivateKey(keys.privateKey, ""), cert: chain(cert, authority) };
  }
}

function both(first: StoredPair, second: StoredPair | null): ServerMaterial {
  const pairs = second === null ? [first] : [first, second];
  return { key: pairs.map(({ key }) => key), cert: pairs.map(({ cert }) => cert) };
}

/** The library for certificates takes a tenth of a second to load; a start with valid certificates does without it. */
const loadIssuing = () => import("./issue.ts");

/** Only the leaf if the CA is a root: a root in the chain makes some clients fail. */
function chain(cert: string, authority: LoadedAuthority | null): string {
  return authority === null || authority.selfSigned ? cert : `${cert.trim()}\n${authority.certificate}`;
}

/** Key and certificate of the files; null unless they fit each other and, where given, the CA. */
function storedMaterial(settings: CertificateSettings, authority: LoadedAuthority | null): StoredPair | null {
  const text = readIfThere(settings.certificateFile);
  const [leaf] = readCertificates(text);
  const keys = decodePrivateKey(readIfThere(settings.keyFile), [settings.passphrase, defaultServerPassphrase]);
  if (leaf === undefined || keys === null || !leaf.checkPrivateKey(keys.privateKey)) return null;
  const key = encodePrivateKey(keys.privateKey, "");
  if (settings.type === "unmanaged" || nameAttribute(leaf.issuer, "CN") === foreignIssuer) return { key, cert: text };
  if (authority === null || !leaf.verify(authority.keys.publicKey) || daysLeft(leaf) <= 0) return null;
  return { key, cert: chain(leaf.toString(), authority) };
}

/** Must a certificate that works be replaced all the same: soon over, other name, other addresses? */
function isDue(material: StoredPair, settings: CertificateSettings, own: OwnNames): boolean {
  const leaf = new Parsed(material.cert);
  if (nameAttribute(leaf.issuer, "CN") === foreignIssuer) return false;
  if (daysLeft(leaf) <= settings.renewDays || nameAttribute(leaf.subject, "CN") !== settings.hostId) return true;
  const has = new Set(alternativeNames(leaf).map(comparable));
  const wants = new Set(own.names.map(comparable));
  const missing = [...wants].some((name) => !has.has(name));
  // a name server that does not answer must not cost the certificate the names it had
  return missing || (own.complete && has.size !== wants.size);
}

/** X509Certificate prints IPv6 addresses in full, upper-case. */
const comparable = (name: string) => normalizedAddress(name).toLowerCase();

/** What is served until there is something real. */
function provisional(settings: CertificateSettings): StoredPair {
  if (settings.type === "unmanaged") {
    throw new Error(`${settings.certificateFile} and its key must be provided: they cannot be read`);
  }
  const names = ["localhost", settings.hostName, settings.hostId, "127.0.0.1", "::1"];
  return throwAwayCertificate(settings.hostId, [...new Set(names)]);
}
