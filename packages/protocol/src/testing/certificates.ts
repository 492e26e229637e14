import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3600 * 1000;

export interface TestCa {
  readonly pem: string;
  readonly fingerprint: string;
  /** A server certificate and its key, PEM. */
  issue(options?: { names?: string[] }): Promise<{ cert: string; key: string }>;
  /** A certificate with the same key and name, valid longer: what an opsi server does every month. */
  renew(): Promise<TestCa>;
}

/** A CA as an opsi server has one (service §1.10), with small keys. */
export async function newCa(
  options: { name?: string; expired?: boolean; keys?: webcrypto.CryptoKeyPair } = {},
): Promise<TestCa> {
  const keys = options.keys ?? (await generate());
  const name = `CN=${options.name ?? "opsi CA"}`;
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - 30 * day),
    notAfter: new Date(options.expired === true ? now - day : now + 700 * day),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const pem = `${certificate.toString("pem")}\n`;
  return {
    pem,
    fingerprint: Buffer.from(await certificate.getThumbprint("SHA-256"))
      .toString("hex")
      .toUpperCase()
      .replace(/..(?=.)/g, "$&:"),
    renew: () => newCa({ ...options, keys, expired: false }),
    async issue({ names = ["localhost", "127.0.0.1"] } = {}) {
      const own = await generate();
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0]}`,
        issuer: name,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(now - day),
        notAfter: new Date(now + 90 * day),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$/.test(value) ? "ip" : "dns", value }) as const),
          ),
        ],
      });
      const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", own.privateKey)).toString("base64");
      return { cert: leaf.toString("pem"), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
    },
  };
}

async function generate(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
}
