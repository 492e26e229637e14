import { existsSync, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { isAbsolute, resolve, sep } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { inWorker } from "@opsi-ts/opsi-package";
import type { Depot } from "./depot.ts";
import { repositoryRights, setRights } from "./file-rights.ts";
import { installPackage } from "./install-package.ts";

/** `/etc/opsi/makepackage_marker_use_gz`: the site wants gz where nothing else is asked for. (packages 2.2) */
const gzMarker = "etc/opsi/makepackage_marker_use_gz";

/** `workbench_buildPackage`: makes a package with its companions in the source folder itself. (packages 2.4) */
export async function buildPackage(depot: Depot, workbench: string, packageDir: string): Promise<string> {
  const folder = await insideWorkbench(workbench, packageDir, "dir");
  if (!isDirectory(folder)) throw new OpsiError("BackendIOError", `Package source dir '${folder}' does not exist`);
  const compression = existsSync(resolve(depot.folders.root, gzMarker)) ? "gz" : "zstd";
  const { path } = await inWorker("makePackage", [folder, { destination: folder, overwrite: true, compression }]);
  await inWorker("writeCompanionFiles", [path]);
  for (const file of [path, `${path}.md5`, `${path}.zsync`]) await setRights(file, repositoryRights, depot.owner);
  return path;
}

/** `workbench_installPackage`: installs a package of the workbench; of a folder one is made first. (packages 2.4) */
export async function installFromWorkbench(depot: Depot, workbench: string, packagePath: string): Promise<void> {
  const path = await insideWorkbench(workbench, packagePath, "file");
  await installPackage(depot, isDirectory(path) ? await buildPackage(depot, workbench, path) : path);
}

/** Relative paths are meant from the workbench; nothing outside of it, also not through links. */
async function insideWorkbench(workbench: string, path: string, what: "dir" | "file"): Promise<string> {
  const base = await realpath(workbench);
  const given = resolve(base, path);
  const real = await realpath(given).catch(() => given);
  if (real.startsWith(base + sep)) return real;
  throw new OpsiError("ValueError", `Invalid package ${what} '${isAbsolute(path) ? path : `${base}/${path}`}'`);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
