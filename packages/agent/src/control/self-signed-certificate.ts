import "reflect-metadata"; // @peculiar/x509 does not load without it
import { generateKeyPair } from "node:crypto";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const day = 86_400_000;

/** Key and certificate for a year, with all names and addresses of this machine. (agent §1.4) */
export async function makeSelfSigned(hostId: string): Promise<{ key: string; cert: string }> {
  const pair = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const pkcs8 = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  const keys = {
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  };
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.startsWith("fe80"));
  const names = [
    ...["localhost", hostId].filter((name) => name !== "").map((value) => ({ type: "dns", value }) as const),
    ...[...new Set(["127.0.0.1", "::1", ...addresses])].map((value) => ({ type: "ip", value }) as const),
  ];
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [hostId === "" ? "localhost" : hostId] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 365 * day),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
    ],
  });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { key, cert: `${certificate.toString("pem")}\n` };
}
