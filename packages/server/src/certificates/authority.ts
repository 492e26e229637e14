import type { X509Certificate } from "node:crypto";
import type { Log } from "@opsi-ts/logging";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import type { Authority } from "./issue.ts";
import { decodePrivateKey, encodePrivateKey, generateRsaKeyPair, type KeyPair } from "./key-pair.ts";
import { daysLeft, keepBackup, nameAttribute, readCertificates, readIfThere } from "./pem-file.ts";

export interface AuthoritySettings {
  readonly hostId: string;
  readonly commonName: string;
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Empty = the key is stored unencrypted. */
  readonly passphrase: string;
  readonly validDays: number;
  readonly renewDays: number;
  readonly permittedDomains: readonly string[];
}

/** The passphrase of installations that never set one. (service 7.1) */
const defaultAuthorityPassphrase = "Toohoerohpiep8yo";

export interface LoadedAuthority extends Authority {
  /** PEM of the opsi CA alone. */
  readonly certificate: string;
  /** PEM of everything in the CA file. */
  readonly allCertificates: string;
  readonly selfSigned: boolean;
  readonly daysLeft: number;
}

/** Where to find the CA in the files, and what would have to be done about it. (service 1.10) */
interface Found {
  readonly keys: KeyPair | null;
  readonly certificate: X509Certificate | null;
  readonly others: readonly X509Certificate[];
}

/** The CA as it lies on disk, also if it is due; null if something is missing or does not fit. Quick. */
export function loadAuthority(settings: AuthoritySettings): LoadedAuthority | null {
  const found = find(settings);
  if (found.keys === null || found.certificate === null || !fits(found.certificate, found.keys)) return null;
  return loaded(found.keys, found.certificate, found.others);
}

/** Will `ensureAuthority` issue a certificate for the CA? */
export function needsCertificate(authority: LoadedAuthority | null, { renewDays }: AuthoritySettings): boolean {
  return authority === null || (authority.selfSigned && authority.daysLeft <= renewDays);
}

/**
 * The CA, made or renewed where necessary: a new key if there is none that can be read, else a new certificate with
 * the same key and subject. Files that are replaced stay as `.bak`. An intermediate CA is the administrator's affair.
 *
 * @throws Error if an intermediate CA would have to be renewed
 */
export async function ensureAuthority(settings: AuthoritySettings, log: Log): Promise<LoadedAuthority> {
  const usable = loadAuthority(settings);
  if (usable !== null && !needsCertificate(usable, settings)) {
    reencrypt(settings);
    return usable;
  }
  const found = find(settings);
  if (found.certificate !== null && !isSelfSigned(found.certificate)) {
    throw new Error(
      `${settings.certificateFile} is an intermediate CA that must be renewed or has no key; do it by hand`,
    );
  }
  const keys = found.keys ?? (await generateRsaKeyPair(4096));
  const { authoritySubject, issueAuthority, subjectOf } = await import("./issue.ts");
  const subject =
    found.certificate !== null && found.keys !== null
      ? subjectOf(found.certificate.raw)
      : authoritySubject(settings.hostId, settings.commonName);
  const { validDays, permittedDomains } = settings;
  const pem = await issueAuthority({ keys, subject, validDays, permittedDomains });
  if (found.keys === null) keepBackup(settings.keyFile); // else it stays, and the copy may be of an older one
  keepBackup(settings.certificateFile);
  // the key first: a certificate without its key would be worthless, a key without certificate is renewed
  if (found.keys === null)
    writeFileAtomically(settings.keyFile, encodePrivateKey(keys.privateKey, settings.passphrase), 0o600);
  const all = [pem, ...found.others.map(String)].map((text) => `${text.trim()}\n`).join("");
  writeFileAtomically(settings.certificateFile, all, 0o644);
  log.notice({ subject: "certificates", newKey: found.keys === null }, "opsi CA certificate issued");
  const [certificate] = readCertificates(pem);
  if (certificate === undefined) throw new Error("The CA certificate just issued cannot be read");
  return loaded(keys, certificate, found.others);
}

function find(settings: AuthoritySettings): Found {
  const all = readCertificates(readIfThere(settings.certificateFile));
  const certificate = all.find(({ subject }) => nameAttribute(subject, "CN") === settings.commonName) ?? null;
  const keyText = readIfThere(settings.keyFile);
  const passphrases = [settings.passphrase, defaultAuthorityPassphrase];
  return {
    keys: keyText === "" ? null : decodePrivateKey(keyText, passphrases),
    certificate,
    others: all.filter((other) => other !== certificate),
  };
}

/** A key that only the default passphrase opens is encrypted with the configured one. */
function reencrypt(settings: AuthoritySettings): void {
  const text = readIfThere(settings.keyFile);
  const encrypted = text.includes("ENCRYPTED");
  if (encrypted ? settings.passphrase !== "" && canOpen(text, settings.passphrase) : settings.passphrase === "") return;
  const keys = decodePrivateKey(text, [defaultAuthorityPassphrase]);
  if (keys !== null)
    writeFileAtomically(settings.keyFile, encodePrivateKey(keys.privateKey, settings.passphrase), 0o600);
}

const canOpen = (text: string, passphrase: string) => decodePrivateKey(text, [passphrase]) !== null;

function fits(certificate: X509Certificate, keys: KeyPair): boolean {
  return certificate.checkPrivateKey(keys.privateKey);
}

const isSelfSigned = (certificate: X509Certificate) => certificate.subject === certificate.issuer;

function loaded(keys: KeyPair, certificate: X509Certificate, others: readonly X509Certificate[]): LoadedAuthority {
  return {
    keys,
    raw: certificate.raw,
    certificate: certificate.toString(),
    allCertificates: [certificate, ...others].map(String).join(""),
    selfSigned: isSelfSigned(certificate),
    daysLeft: daysLeft(certificate),
  };
}
