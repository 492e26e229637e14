import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, parse } from "node:path";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import type { BackupDocument } from "./document.ts";

/** Files of a site by the names that backups have for them. (storage 7.6) */
export type ConfigFilePaths = Readonly<Record<string, string>>;

/** @param licenses folder whose `*.opsilic` belong to the configuration */
export function withLicenseFiles(paths: ConfigFilePaths, licenses: string): ConfigFilePaths {
  const names = existsSync(licenses) ? readdirSync(licenses).filter((name) => name.endsWith(".opsilic")) : [];
  const found = names.map((name): [string, string] => [`opsilic_${parse(name).name}`, join(licenses, name)]);
  return { ...paths, ...Object.fromEntries(found) };
}

export function readConfigFiles(paths: ConfigFilePaths): BackupDocument["config_files"] {
  return Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [
      name,
      { path, content: existsSync(path) ? readFileSync(path, "utf8") : null },
    ]),
  );
}

/** Writes to the paths that this site has for the names, never to those in the backup. Files keep their permissions. */
export function writeConfigFiles(paths: ConfigFilePaths, files: BackupDocument["config_files"]): void {
  for (const [name, path] of Object.entries(paths)) {
    const content = Object.hasOwn(files, name) ? files[name]?.content : null;
    if (typeof content !== "string") continue;
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    writeFileAtomically(path, content, mode === undefined ? undefined : mode & 0o777);
  }
}
