import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { rule } from "@opsi-ts/model";

/** What stands in a file. (storage 5.1) */
export type FileKind =
  | "client"
  | "depot"
  | "product"
  | "configs"
  | "hostGroups"
  | "productGroups"
  | "software"
  | "clientSoftware"
  | "hardware"
  | "hostHardware"
  | "furtherObjects"
  | "hostKeys";

export interface SiteFile {
  readonly path: string;
  readonly kind: FileKind;
  /** The host that the file belongs to; empty for files of the whole site and of products. */
  readonly hostId: string;
}

/** What a product file is about. */
export type ProductIdent = Readonly<Record<"productId" | "productVersion" | "packageVersion", string>>;

/** Where a site keeps its files. */
export interface SitePaths {
  /** `/var/lib/opsi/config` */
  readonly folder: string;
  /** `/etc/opsi/pckeys` */
  readonly hostKeys: string;
}

export const subfolders = ["clients", "depots", "products", "audit", "templates"] as const;

const siteFiles: Readonly<Record<string, FileKind>> = {
  "config.ini": "configs",
  "clientgroups.ini": "hostGroups",
  "productgroups.ini": "productGroups",
  "audit/global.sw": "software",
  "audit/global.hw": "hardware",
  // What the classic layout has no place for: licences, users. (storage 5.1)
  "opsi-ts.json": "furtherObjects",
};

/** Files of one host each: their folder and ending. */
const hostFiles = [
  { kind: "depot", folder: "depots", ending: ".ini" },
  { kind: "client", folder: "clients", ending: ".ini" },
  { kind: "clientSoftware", folder: "audit", ending: ".sw" },
  { kind: "hostHardware", folder: "audit", ending: ".hw" },
] as const satisfies readonly { kind: FileKind; folder: string; ending: string }[];

const productName = /^[a-zA-Z0-9_.-]+_[\w.]+-[\w.]+\.(?:local|net)boot$/;

/** Null for files that hold nothing of the site: copies, notes, what editors leave. Templates are read when needed. */
export function classify(paths: SitePaths, path: string): SiteFile | null {
  if (path === paths.hostKeys) return { path, kind: "hostKeys", hostId: "" };
  if (!path.startsWith(`${paths.folder}/`)) return null;
  const place = path.slice(paths.folder.length + 1);
  const kind = siteFiles[place];
  if (kind) return { path, kind, hostId: "" };
  const name = basename(path);
  if (place === `products/${name}` && productName.test(name)) return { path, kind: "product", hostId: "" };
  const found = hostFiles.find(
    ({ folder, ending }) => place === `${folder}/${name}` && name.toLowerCase().endsWith(ending),
  );
  if (!found) return null;
  const hostId = hostIdOf(name.slice(0, -found.ending.length));
  return hostId === null ? null : { path, kind: found.kind, hostId };
}

function hostIdOf(stem: string): string | null {
  try {
    return rule.hostId.coerce(stem);
  } catch {
    return null;
  }
}

/** All files of a site that are there, in the order in which their objects need each other. */
export async function listFiles(paths: SitePaths): Promise<SiteFile[]> {
  const folders = [paths.folder, ...subfolders.map((name) => join(paths.folder, name))];
  const found = await Promise.all(folders.map(filesIn));
  return [paths.hostKeys, ...found.flat()].map((path) => classify(paths, path)).filter((file) => file !== null);
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => join(folder, name));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Where the file of a kind belongs when it is made. */
export function placeOf({ folder, hostKeys }: SitePaths, kind: Exclude<FileKind, "product">, hostId = ""): SiteFile {
  if (kind === "hostKeys") return { path: hostKeys, kind, hostId: "" };
  const ofHosts = hostFiles.find((candidate) => candidate.kind === kind);
  const place = ofHosts
    ? join(ofHosts.folder, `${hostId}${ofHosts.ending}`)
    : Object.keys(siteFiles).find((name) => siteFiles[name] === kind);
  return { path: join(folder, place ?? ""), kind, hostId };
}

/** Where the file of a product belongs when it is made. */
export function productPlace({ folder }: SitePaths, product: ProductIdent, type: string): SiteFile {
  const ending = type === "NetbootProduct" ? "netboot" : "localboot";
  const name = `${product.productId}_${product.productVersion}-${product.packageVersion}.${ending}`;
  return { path: join(folder, "products", name), kind: "product", hostId: "" };
}
