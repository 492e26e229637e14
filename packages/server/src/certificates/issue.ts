import "reflect-metadata"; // the library asks for it at load
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { KeyPair } from "./key-pair.ts";
import { permittedDomains } from "./name-constraints.ts";

const day = 86_400_000;

/** `opsi@<domain>`: domain is the server's name without its first label. */
function contact(hostId: string): string {
  return `opsi@${hostId.split(".").slice(1).join(".")}`;
}

export function authoritySubject(hostId: string, commonName: string): Name {
  const unit = contact(hostId);
  return new Name([
    { C: ["DE"] },
    { ST: ["RP"] },
    { L: ["MAINZ"] },
    { O: ["uib"] },
    { OU: [unit] },
    { CN: [commonName] },
    email(unit),
  ]);
}

export function hostSubject(hostId: string, serverId: string): Name {
  const unit = contact(serverId);
  return new Name([{ OU: [unit] }, { CN: [hostId] }, email(unit)]);
}

const email = (address: string) => ({ "1.2.840.113549.1.9.1": [{ ia5String: address }] });

/** The self-signed certificate of the opsi CA. (service 1.10) */
export async function issueAuthority(options: {
  readonly keys: KeyPair;
  /** A new subject, or that of the certificate that is renewed: a change would break the trust of clients. */
  readonly subject: Name;
  readonly validDays: number;
  readonly permittedDomains: readonly string[];
}): Promise<string> {
  const { keys, subject, validDays } = options;
  const domains = options.permittedDomains.length === 0 ? [] : [...options.permittedDomains, "localhost"];
  const publicKey = await publicCryptoKey(keys);
  const certificate = await X509CertificateGenerator.create({
    ...validity(validDays),
    serialNumber: serial(),
    subject,
    issuer: subject,
    publicKey,
    signingKey: await signingKey(keys),
    signingAlgorithm: signatureAlgorithm(keys),
    extensions: [
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(publicKey),
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...(domains.length === 0 ? [] : [permittedDomains(domains)]),
    ],
  });
  return certificate.toString("pem");
}

export interface Authority {
  readonly keys: KeyPair;
  /** The CA's certificate: its subject is repeated exactly as it is encoded there. */
  readonly raw: Uint8Array;
}

/** A certificate for a host: server, depot or client. (service 1.10) */
export async function issueHost(options: {
  readonly authority: Authority;
  readonly keys: KeyPair;
  readonly subject: Name;
  readonly names: readonly string[];
  readonly validDays: number;
}): Promise<string> {
  const { authority, keys, subject, names, validDays } = options;
  const publicKey = await publicCryptoKey(keys);
  const extensions: Extension[] = [
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(await publicCryptoKey(authority.keys)),
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(
      KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation | KeyUsageFlags.keyEncipherment,
      true,
    ),
    new ExtendedKeyUsageExtension(usages),
    new SubjectAlternativeNameExtension(
      names.map((name) => ({ type: isIP(name) === 0 ? ("dns" as const) : ("ip" as const), value: name })),
    ),
  ];
  const certificate = await X509CertificateGenerator.create({
    ...validity(validDays),
    serialNumber: serial(),
    subject,
    issuer: subjectOf(authority.raw),
    publicKey,
    signingKey: await signingKey(authority.keys),
    signingAlgorithm: signatureAlgorithm(authority.keys),
    extensions,
  });
  return certificate.toString("pem");
}

/** The subject of a certificate (DER), for renewal or as issuer. */
export function subjectOf(raw: Uint8Array): Name {
  return new X509Certificate(raw).subjectName;
}

/** serverAuth, clientAuth, codeSigning, emailProtection */
const usages = [1, 2, 3, 4].map((number) => `1.3.6.1.5.5.7.3.${number}`);

/** 159 random bits: positive in any encoding. */
function serial(): string {
  const bytes = randomBytes(20);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { notBefore: new Date(now), notAfter: new Date(now + days * day) };
}

const algorithm = ({ privateKey }: KeyPair) =>
  privateKey.asymmetricKeyType === "rsa"
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve: "P-256" };
const signatureAlgorithm = (keys: KeyPair) => ({ ...algorithm(keys), hash: "SHA-256" });
const publicCryptoKey = async (keys: KeyPair) => keys.publicKey.toCryptoKey(algorithm(keys), true, ["verify"]);
const signingKey = async (keys: KeyPair) => keys.privateKey.toCryptoKey(algorithm(keys), false, ["sign"]);
