import { randomUUID, X509Certificate } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OpsiError } from "@opsi-ts/model";

/** A CA file larger than this is none. */
export const maximumCaBytes = 1024 * 1024;

/** The certificates of a PEM text, each subject once. Text between them is dropped. (service §6.4) */
export function readCertificates(pem: string): X509Certificate[] {
  const bySubject = new Map<string, X509Certificate>();
  for (const [block] of pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)) {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch (error) {
      throw new OpsiError("OpsiServiceVerificationError", "CA file holds a broken certificate", { cause: error });
    }
    if (!bySubject.has(certificate.subject)) bySubject.set(certificate.subject, certificate);
  }
  return [...bySubject.values()];
}

/** PEM of the certificates of a CA file, null if there is no such file or nothing in it. */
export async function readCaFile(path: string): Promise<string | null> {
  let pem: string;
  try {
    pem = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return readCertificates(pem).length === 0 ? null : pem;
}

/**
 * Checks that a downloaded text is a list of CA certificates.
 *
 * @returns the same list in plain form
 * @throws OpsiError OpsiServiceVerificationError
 */
export function checkCaCertificates(pem: string): string {
  const certificates = readCertificates(pem);
  if (!certificates.some((certificate) => certificate.ca)) {
    throw new OpsiError("OpsiServiceVerificationError", "Service sent no CA certificate");
  }
  return certificates.map((certificate) => certificate.toString()).join("");
}

/** SHA-256 fingerprint of the CA itself (the first of the list that may sign), as people compare it: `AB:CD:…`. */
export function caFingerprint(pem: string): string {
  const certificates = readCertificates(pem);
  return (certificates.find((certificate) => certificate.ca) ?? certificates[0])?.fingerprint256 ?? "";
}

/** True if none of the certificates is valid now. */
export function isExpired(pem: string, now = new Date()): boolean {
  return readCertificates(pem).every((certificate) => certificate.validToDate < now);
}

/** Writes the file whole or not at all; a crash leaves the old one. Unchanged content is not written. */
export async function writeCaFile(path: string, pem: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => null)) === pem) return;
  await mkdir(dirname(path), { recursive: true });
  // two clients of one program may connect at the same time
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    {
      await using file = await open(temporary, "wx", 0o644);
      await file.writeFile(pem);
      await file.sync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
