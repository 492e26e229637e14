import { X509Certificate } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, readFileSync } from "node:fs";

/** The certificates of a PEM text, in their order; blocks that are none are left out. */
export function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

export function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Copies a file that is about to be replaced to `<file>.bak`. */
export function keepBackup(path: string): void {
  if (!existsSync(path)) return;
  copyFileSync(path, `${path}.bak`);
  chmodSync(`${path}.bak`, 0o600);
}

export function daysLeft(certificate: X509Certificate): number {
  return (certificate.validToDate.getTime() - Date.now()) / 86_400_000;
}

/** An attribute of a subject or issuer, e.g. `CN`; "" if it has none. */
export function nameAttribute(name: string, attribute: string): string {
  const line = name.split("\n").find((part) => part.startsWith(`${attribute}=`));
  return line?.slice(attribute.length + 1) ?? "";
}

/** DNS names and addresses of SubjectAltName, sorted. */
export function alternativeNames(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? "")
    .split(/,\s*/)
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ""));
  return names.filter((name) => name !== "").sort();
}
