import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { removeFolder, replaceFolder } from "../product-folder.ts";
import { decodeInf, infDevices, type TargetWindows } from "./inf.ts";
import { readWim } from "./wim.ts";

const versionText = ({ major, minor, build }: TargetWindows) => `${major}.${minor}.${build}`;

/** Files below a folder, also behind links to folders; no folder twice, as links may lead in circles. */
async function* filesBelow(folder: string, visited = new Set<string>()): AsyncGenerator<string> {
  const real = await realpath(folder);
  if (visited.has(real)) return;
  visited.add(real);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    if (kind?.isDirectory()) yield* filesBelow(path, visited);
    else if (kind?.isFile()) yield path;
  }
}

/** The Windows versions in the images of a product: of each file the first image. (methods 12.1) */
async function targetWindows(productFolder: string, productId: string): Promise<TargetWindows[]> {
  const folders = [join(productFolder, "images"), join(productFolder, "installfiles", "sources")];
  const folder = folders.find((path) => existsSync(path));
  const images: string[] = [];
  if (folder !== undefined) {
    for await (const path of filesBelow(folder)) if (/\.(wim|esd|swm)$/i.test(path)) images.push(path);
  }
  if (images.length === 0) {
    throw new OpsiError("BackendError", `No WIM files found in '${folder ?? productFolder}'`);
  }
  const targets = new Map<string, TargetWindows>();
  for (const path of images.sort()) {
    const [first] = await readWim(path);
    if (first?.windows) targets.set(`${first.windows.architecture};${versionText(first.windows)}`, first.windows);
  }
  if (targets.size > 0) return [...targets.values()];
  throw new OpsiError("BackendError", `No target OS versions found in images for product '${productId}'`);
}

/**
 * Makes `driver_db` of a product anew: for each Windows and device a link to the folder with its driver. Until it is
 * complete the old one is used. (methods 12.1)
 *
 * @returns how many links there are
 */
export async function updateDriverDatabase(productFolder: string, productId: string): Promise<number> {
  const targets = await targetWindows(productFolder, productId);
  const fresh = join(productFolder, `.driver_db-${randomUUID()}`);
  await mkdir(fresh);
  let links = 0;
  try {
    const drivers = join(productFolder, "drivers");
    if (existsSync(drivers)) {
      for await (const path of filesBelow(drivers)) {
        if (!/\.inf$/i.test(path)) continue;
        const inf = decodeInf(await readFile(path));
        for (const target of targets) links += await linkDevices(fresh, inf, target, dirname(path));
      }
    }
    await replaceFolder(productFolder, "driver_db", fresh);
  } finally {
    await removeFolder(fresh);
  }
  return links;
}

/** The first driver of a device stays. */
async function linkDevices(database: string, inf: string, target: TargetWindows, folder: string): Promise<number> {
  let links = 0;
  for (const { type, vendor, device } of infDevices(inf, target)) {
    const parent = join(database, target.architecture, versionText(target), type, vendor);
    await mkdir(parent, { recursive: true });
    try {
      await symlink(folder, join(parent, device));
      links++;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return links;
}

/**
 * The folder of the database for a Windows, relative to the product's; null if there is none.
 *
 * @param version `10`, `10.0` or `10.0.22000`; of several that begin so the highest
 */
export async function databaseFolder(
  productFolder: string,
  architecture: string,
  version: string,
): Promise<string | null> {
  const names = await readdir(join(productFolder, "driver_db", architecture)).catch(() => []);
  const wanted = version.split(".");
  const matching = names.filter((name) => wanted.every((part, index) => name.split(".")[index] === part));
  const highest = matching.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return highest === undefined ? null : join("driver_db", architecture, highest);
}
