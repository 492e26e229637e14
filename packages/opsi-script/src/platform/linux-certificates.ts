import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../bytes.ts";
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
    const found = readdirSync(target.folder).filter(
      (name) => labelOf(readFileSync(join(target.folder, name), "utf8")) === toText(label),
    );
    for (const name of found) rmSync(join(target.folder, name), { force: true });
    return found.length > 0 && update(target.command);
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
