import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, readlink, rm, statfs, symlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { ContentEntry } from "@opsi-ts/opsi-package";
import type { DownloadOptions } from "@opsi-ts/protocol";
import { moveDurably, removeDurably, writeDurably } from "../state/durable-file.ts";
import { readContentList } from "./content-list.ts";
import { KnownSums, type LocalEntry, md5Of, readLocalTree } from "./local-tree.ts";

/** The depot's side; ServiceClient is one. */
export interface DepotFiles {
  download(path: string, targetFile: string, options?: DownloadOptions): Promise<void>;
}

export interface SynchronizeOptions {
  readonly depot: DepotFiles;
  /** Path of the depot on its service, e.g. `/depot`. */
  readonly depotPath: string;
  /** `<storage_dir>/depot`, laid out like a depot. */
  readonly cacheFolder: string;
  /** For partial files and sums; on the same disk. */
  readonly workFolder: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress?: (received: number, total: number) => void;
}

const parallelDownloads = 4;
const sumsName = "sums.json";
/** A million files with long names. */
const maximumListBytes = 200_000_000;
/** Left free on the disk. (agent §8.3) */
const reservedBytes = 500_000_000;

/**
 * Makes `<cacheFolder>/<productId>` equal to the product on the depot, according to its content list: fetches what is
 * missing or different, removes what is not listed. The list itself is written last: a product with it is complete. A
 * crash or cut line leaves whole files and partial ones that the next call continues. (agent §8.3)
 *
 * @returns bytes that were fetched
 * @throws OpsiError `… MD5sum mismatch …` if the depot sends something else than its list says; as download
 */
export async function synchronizeProduct(productId: string, options: SynchronizeOptions): Promise<number> {
  const { depot, depotPath, cacheFolder, workFolder, signal, log } = options;
  const folder = join(cacheFolder, productId);
  const listName = `${productId}.files`;
  const work = join(workFolder, productId);
  const freshList = join(work, listName);
  await rm(freshList, { force: true });
  await depot.download(`${depotPath}/${productId}/${listName}`, freshList, {
    signal,
    onProgress(bytes) {
      if (bytes > maximumListBytes)
        throw new OpsiError("OpsiServiceError", `Content list '${listName}' is larger than ${maximumListBytes} bytes`);
    },
  });
  const text = await readFile(freshList, "utf8");
  const wanted = readContentList(text);
  wanted.delete(listName);

  const localList = join(folder, listName);
  await mkdir(folder, { recursive: true });
  if ((await readFile(localList, "utf8").catch(() => null)) !== text) await removeDurably(localList);
  const local = await readLocalTree(folder);
  await removeUnwanted(folder, local, wanted, listName);
  const sums = await KnownSums.open(join(work, sumsName));
  const missing: FileEntry[] = [];
  for (const entry of wanted.values()) {
    signal.throwIfAborted();
    const here = local.get(entry.path);
    if (entry.type === "directory" && here === undefined) await mkdir(join(folder, entry.path), { recursive: true });
    if (entry.type !== "file") continue;
    const same = here?.size === entry.size && (await sums.md5(folder, entry.path, here, signal)) === entry.md5;
    if (!same) missing.push(entry);
  }
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  await checkSpace(cacheFolder, total);
  if (missing.length > 0) {
    log.info({ productId, files: missing.length, bytes: total }, "product files are fetched");
    await removeDurably(localList);
    await fetchAll(productId, missing, total, folder, work, options);
  }
  for (const entry of wanted.values()) {
    if (entry.type === "link" && !local.has(entry.path))
      await symlink(linkTarget(folder, entry), join(folder, entry.path));
  }
  const now = missing.length > 0 ? await readLocalTree(folder) : local;
  for (const { path, md5 } of missing) sums.learn(path, now.get(path), md5);
  await sums.save(now);
  await writeDurably(localList, text, 0o644);
  // The list that was fetched, and parts of files that the product no longer has.
  for (const name of await readdir(work)) if (name !== sumsName) await rm(join(work, name), { force: true });
  return total;
}

type FileEntry = ContentEntry & { readonly type: "file" };
type LinkEntry = ContentEntry & { readonly type: "link" };

/** Afterwards every name that is left has the kind that it shall have: no write can go through a link. */
async function removeUnwanted(
  folder: string,
  local: Map<string, LocalEntry>,
  wanted: ReadonlyMap<string, ContentEntry>,
  listName: string,
): Promise<void> {
  for (const [path, { kind }] of [...local].sort(([a], [b]) => a.length - b.length)) {
    const goneWithParent = path.includes("/") && !local.has(dirname(path));
    if (!goneWithParent) {
      if (path === listName || (await isAsWanted(folder, kind, wanted.get(path)))) continue;
      await rm(join(folder, path), { recursive: true, force: true });
    }
    local.delete(path);
  }
}

async function isAsWanted(folder: string, kind: LocalEntry["kind"], entry: ContentEntry | undefined): Promise<boolean> {
  if (entry?.type !== "link" || kind !== "link") return entry?.type === kind;
  return (await readlink(join(folder, entry.path))) === linkTarget(folder, entry);
}

async function fetchAll(
  productId: string,
  files: readonly FileEntry[],
  total: number,
  folder: string,
  work: string,
  options: SynchronizeOptions,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  let received = 0;
  const queue = files.values();
  const worker = async () => {
    for (const entry of queue) {
      let before = 0;
      await fetchFile(productId, entry, folder, work, { ...options, signal }, (bytes) => {
        received += bytes - before;
        before = bytes;
        options.onProgress?.(received, total);
      });
    }
  };
  const workers = Array.from({ length: Math.min(parallelDownloads, files.length) }, () =>
    worker().catch((error: unknown) => {
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  options.signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** The partial file lies in the work folder, named by path and sum: of a changed file nothing old is continued. */
async function fetchFile(
  productId: string,
  { path, md5, size }: FileEntry,
  folder: string,
  work: string,
  { depot, depotPath, signal, log }: SynchronizeOptions,
  onReceived: (bytes: number) => void,
): Promise<void> {
  const fetched = join(work, `${createHash("md5").update(path).digest("hex").slice(0, 12)}-${md5}`);
  const target = join(folder, path);
  let sum = "";
  for (let attempt = 1; attempt <= 2; attempt++) {
    await depot.download(`${depotPath}/${productId}/${path}`, fetched, {
      signal,
      onProgress(bytes) {
        // Space was looked for this many bytes only.
        if (bytes > size) throw mismatch(path, `more than ${size} bytes`, md5);
        onReceived(bytes);
      },
    });
    sum = await md5Of(fetched, signal);
    if (sum === md5) {
      await mkdir(dirname(target), { recursive: true });
      await moveDurably(fetched, target);
      return;
    }
    await rm(fetched, { force: true });
    log.warning({ productId, path, attempt, size }, "fetched file has another MD5 sum than the content list");
  }
  throw mismatch(path, sum, md5);
}

const mismatch = (path: string, local: string, remote: string) =>
  new OpsiError(
    "OpsiServiceError",
    `Failed to download '${path}': MD5sum mismatch (local:${local} != remote:${remote})`,
  );

/** @throws OpsiError ValueError if it leads out of the product */
function linkTarget(folder: string, { path, target }: LinkEntry): string {
  const at = join(folder, path);
  const leadsTo = resolve(dirname(at), target);
  if (!`${leadsTo}${sep}`.startsWith(`${resolve(folder)}${sep}`)) {
    throw new OpsiError("ValueError", `Link '${path}' leads out of the product`);
  }
  return relative(dirname(at), leadsTo) || ".";
}

async function checkSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (bytes === 0) return;
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + reservedBytes) {
    throw new OpsiError(
      "OSError",
      `Not enough space in ${folder}: ${bytes} bytes and a reserve of ${reservedBytes} are needed, ${free} are free`,
    );
  }
}

/** Forgets a product: its files, partial files and sums. */
export async function removeCachedProduct(productId: string, cacheFolder: string, workFolder: string): Promise<void> {
  await removeDurably(join(cacheFolder, productId, `${productId}.files`)).catch(() => {});
  await rm(join(cacheFolder, productId), { recursive: true, force: true });
  await rm(join(workFolder, productId), { recursive: true, force: true });
}
