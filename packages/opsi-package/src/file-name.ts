import type { OpsiObject } from "@opsi-ts/model";

export interface PackageName {
  readonly productId: string;
  /** `1.0-1`, or `1.0-1~custom` */
  readonly version: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly customName: string | null;
}

/**
 * Product and version from the name of a package, or of a file beside it (`.md5`, `.zsync`). Null when the name is not
 * that of a package. (packages 1.1)
 *
 *     parsePackageFileName("7zip_24.09-1.opsi.md5")?.version // "24.09-1"
 */
export function parsePackageFileName(path: string): PackageName | null {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  const end = name.lastIndexOf(".opsi");
  if (end < 0) return null;
  // The custom name may hold every character, also the one that separates id and version
  const [stem = "", customName] = name.slice(0, end).split(/~(.*)/s);
  const separator = stem.lastIndexOf("_");
  const [productId, plainVersion] = [stem.slice(0, Math.max(separator, 0)), stem.slice(separator + 1)];
  if (productId === "" || plainVersion === "") return null;
  const [productVersion = "", packageVersion = ""] = plainVersion.split(/-(.*)/s);
  const version = customName === undefined ? plainVersion : `${plainVersion}~${customName}`;
  return { productId, version, productVersion, packageVersion, customName: customName ?? null };
}

/** The name that a package of this product gets. */
export function packageFileName(product: OpsiObject, customName?: string): string {
  const custom = customName === undefined ? "" : `~${customName}`;
  const { id, productVersion, packageVersion } = product;
  return `${String(id)}_${String(productVersion)}-${String(packageVersion)}${custom}.opsi`;
}

/** A repository knows no custom packages: everything from the first `~` on is cut off. (packages 3.4) */
export function repositoryFileName(name: string): string {
  return name.includes("~") ? `${name.slice(0, name.indexOf("~"))}.opsi` : name;
}
