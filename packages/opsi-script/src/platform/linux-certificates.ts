import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../text/bytes.ts";
import type { Certificates } from "./certificates.ts";

/** Folder for own certificates and the command that renews the bundle, by distribution. */
const stores = [
  { folder: "/usr/local/share/ca-certificates", command: ["update-ca-certificates"] },
  { folder: "/etc/pki/ca-trust/source/anchors", command: ["update-ca-trust", "extract"] },
  { folder: "/usr/share/pki/trust/anchors", command: ["update-ca-certificates"] },
] as const;

const bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

const store = () => stores.find(({ folder }) => existsSync(folder));
const labelOf = (pem: string) => {
  try {
    return /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? "";
  } catch {
    return ""; // not a certificate
  }
};

function update(command: readonly string[]): boolean {
  const [program = "", ...parameters] = command;
  return spawnSync(program, parameters, { stdio: "ignore" }).status === 0;
}

/** The store of a distribution may have folders. */
export const filesWithLabel = (folder: string, label: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => labelOf(readFileSync(path, "utf8")) === label);

export const linuxCertificates: Certificates = {
  add: (pemFile) => {
    const target = store();
    if (!target) return false;
    try {
      const pem = readFileSync(toText(pemFile), "utf8");
      const label = labelOf(pem);
      if (label === "") return false;
      writeFileSync(join(target.folder, `${label.replaceAll(/[^\w.-]/g, "_")}.crt`), pem);
      return update(target.command);
    } catch {
      return false; // told by the caller with the name
    }
  },
  remove: (label) => {
    const target = store();
    if (!target) return false;
    try {
      const found = filesWithLabel(target.folder, toText(label));
      for (const path of found) rmSync(path, { force: true });
      return found.length > 0 && update(target.command);
    } catch {
      return false; // told by the caller with the name
    }
  },
  labels: () => {
    const bundle = bundles.find((path) => existsSync(path));
    if (bundle === undefined) return [];
    const certificates =
      readFileSync(bundle, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return certificates
      .map(labelOf)
      .filter((label) => label !== "")
      .map(toBytes);
  },
};
