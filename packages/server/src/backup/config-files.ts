import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, parse } from "node:path";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { decodeText } from "../configuration/decode-text.ts";
import { withTomlValue } from "../configuration/opsi-conf.ts";
import type { BackupDocument } from "./document.ts";

/** Files of a site by the names that backups have for them. (storage 7.6) */
export type ConfigFilePaths = Readonly<Record<string, string>>;

/** Folders whose files belong to the configuration, whatever their names are. */
export interface ConfigFolders {
  /** `*.opsilic` */
  readonly licenses: string;
  /** extend.d: `*.ts`, `*.js` and Python's `*.conf` */
  readonly extensions: string;
}

/** The same with the files that are in the folders now. */
export function withFilesOf(paths: ConfigFilePaths, { licenses, extensions }: ConfigFolders): ConfigFilePaths {
  const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const namesIn = (folder: string, pattern: RegExp) =>
    (existsSync(folder) ? readdirSync(folder) : []).filter((name) => pattern.test(name) && isFile(join(folder, name)));
  const found = [
    ...namesIn(licenses, /\.opsilic$/).map((name) => [`opsilic_${parse(name).name}`, join(licenses, name)]),
    // Two files that differ in their endings only are two files.
    ...namesIn(extensions, /^[^.].*\.(ts|js|conf)$/).map((name) => [
      `extension_conf_${name.replace(/\.conf$/, "")}`,
      join(extensions, name),
    ]),
  ];
  return { ...paths, ...Object.fromEntries(found) };
}

/** @throws BackendIOError for a file that is no text */
export function readConfigFiles(paths: ConfigFilePaths): BackupDocument["config_files"] {
  return Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [
      name,
      { path, content: existsSync(path) ? decodeText(readFileSync(path), path) : null },
    ]),
  );
}

/**
 * Writes to the paths that this site has for the names, never to those in the backup. Files keep their permissions.
 *
 * @param own who the server is from now on: opsi.conf says it, also where the backup has none or that of another server
 */
export function writeConfigFiles(
  paths: ConfigFilePaths,
  files: BackupDocument["config_files"],
  own: { readonly hostId: string; readonly hostKey: string },
): void {
  for (const [name, path] of Object.entries(paths)) {
    const given = Object.hasOwn(files, name) ? files[name]?.content : null;
    if (name === "opsi_conf")
      writeFileAtomically(path, withOwnHost(given ?? decodeText(readFileSync(path), path), own));
    else if (typeof given === "string") writeFileAtomically(path, given);
  }
}

const withOwnHost = (content: string, { hostId, hostKey }: Parameters<typeof writeConfigFiles>[2]) =>
  withTomlValue(withTomlValue(content, "host", "id", hostId), "host", "key", hostKey);
