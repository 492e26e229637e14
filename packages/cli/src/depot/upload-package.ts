import { OpsiError } from "@opsi-ts/model";
import { companionNames, parsePackageFileName } from "@opsi-ts/opsi-package";
import { encodePath, type ServiceClient } from "@opsi-ts/protocol";
import type { PackageToInstall } from "./package-to-install.ts";

export interface UploadOptions {
  readonly onProgress: (sent: number, total: number) => void;
  readonly signal: AbortSignal;
}

export interface UploadResult {
  /** False: the same file was there already. */
  readonly uploaded: boolean;
}

interface DiskSpace {
  readonly available: number;
}

/**
 * Puts a package with its `.md5` and `.zsync` into the repository of a depot and removes other versions of the
 * product. The bytes arrive under another name and are compared before the package gets its own, so a broken upload
 * leaves the repository as it was. (packages §3.4, §6.3)
 *
 * @param folder path of the repository on the depot
 * @throws OpsiError BackendIOError when the disk is full or the bytes arrived changed
 */
export async function uploadPackage(
  depot: ServiceClient,
  folder: string,
  one: PackageToInstall,
  options: UploadOptions,
): Promise<UploadResult> {
  const { signal } = options;
  const listing = await depot.webdavList("/repository", { signal });
  const present = listing.find(({ name }) => name === one.name);
  // Calculated, since the .md5 beside it may be that of an older file. (packages §7.4)
  const uploaded = present?.size !== one.size || (await md5On(depot, `${folder}/${one.name}`, signal)) !== one.md5;
  const beside = listing.map(({ name }) => name).filter((name) => companionNames(one.name).includes(name));
  if (uploaded) await replacePackage(depot, folder, one, beside, options);
  // An upload that was interrupted after the package did not get to the rest
  if (uploaded || beside.length < 2) await uploadCompanions(depot, one, signal);
  await removeVersions(depot, one.productId, signal, one.name);
  return { uploaded };
}

async function replacePackage(
  depot: ServiceClient,
  folder: string,
  one: PackageToInstall,
  oldCompanions: readonly string[],
  options: UploadOptions,
): Promise<void> {
  const { signal } = options;
  const { available } = await depot.call<DiskSpace>("depot_getDiskSpaceUsage", [folder], { signal });
  if (available < one.size) {
    throw new OpsiError("BackendIOError", `'${one.name}' has ${one.size} bytes, the repository only ${available} left`);
  }
  const arriving = `${one.name}.upload`;
  try {
    await depot.upload(one.file, `/repository/${arriving}`, options);
    const arrived = await md5On(depot, `${folder}/${arriving}`, signal);
    if (arrived !== one.md5) {
      throw new OpsiError("BackendIOError", `'${one.name}' arrived changed: MD5 ${arrived} instead of ${one.md5}`);
    }
    // Nobody may find the old sum beside the new file
    for (const name of oldCompanions) await depot.remove(`/repository/${name}`, { signal });
    await rename(depot, arriving, one.name, signal);
  } catch (error) {
    await depot.remove(`/repository/${arriving}`).catch(() => {}); // the first error counts
    throw error;
  }
}

/** Deletes the packages of a product from the repository, companions included. */
export async function removeVersions(
  depot: ServiceClient,
  productId: string,
  signal: AbortSignal,
  except?: string,
): Promise<string[]> {
  const kept = except === undefined ? [] : [except, ...companionNames(except)];
  const doomed = (await depot.webdavList("/repository", { signal })).filter(({ name, directory }) => {
    return !directory && !kept.includes(name) && parsePackageFileName(name)?.productId === productId;
  });
  for (const { name } of doomed) await depot.remove(`/repository/${name}`, { signal });
  return doomed.map(({ name }) => name);
}

async function uploadCompanions(depot: ServiceClient, one: PackageToInstall, signal: AbortSignal): Promise<void> {
  const headers = { "content-type": "binary/octet-stream" };
  for (const [ending, body] of [["md5", one.md5] as const, ["zsync", one.zsync] as const]) {
    const response = await depot.request("PUT", `/repository/${one.name}.${ending}`, { headers, body, signal });
    response.discard();
  }
}

async function md5On(depot: ServiceClient, path: string, signal: AbortSignal): Promise<string> {
  return (await depot.call<string>("depot_getMD5Sum", [path, true], { signal })).trim().toLowerCase();
}

async function rename(depot: ServiceClient, from: string, to: string, signal: AbortSignal): Promise<void> {
  const response = await depot.request("MOVE", `/repository/${from}`, {
    headers: { destination: depot.origin + encodePath(`/repository/${to}`), overwrite: "T" },
    signal,
  });
  response.discard();
}
