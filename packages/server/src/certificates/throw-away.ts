import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { der } from "./der.ts";

/**
 * A self-signed certificate for the first second of a new site, made in 2 ms: the library that makes the real ones
 * takes a tenth of a second to load. P-256, valid for a day. RFC 5280, 4.1
 *
 *     Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
 *     TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject,
 *                                   subjectPublicKeyInfo, [3] extensions }
 */
export function throwAwayCertificate(commonName: string, names: readonly string[]): { key: string; cert: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = sequence(der(0x31, sequence(objectId(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
  const now = Date.now();
  const validity = sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey,
    der(0xa3, sequence(sequence(objectId(0x55, 0x1d, 0x11), der(0x04, sequence(...names.map(alternativeName)))))),
  );
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split(".").map(Number)));
  if (name === "::1") return der(0x87, Buffer.alloc(16, 0).fill(1, 15));
  return der(0x82, Buffer.from(name, "latin1"));
}

/** `YYMMDDhhmmssZ` */
function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

const objectId = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
