import { lstat, readdir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type Context,
  checkHttpConditions,
  checkLocks,
  checkWritable,
  depthOf,
  hasBody,
  missingLocks,
} from "./context.ts";
import { uploadPrefix } from "./folder.ts";
import { encodeHref, folderHref } from "./href.ts";
import { multistatus, multistatusHeaders } from "./propfind.ts";
import { escapeXml, notFound, WebdavError } from "./webdav-error.ts";

/** DELETE: a file, or a folder with everything that is not locked. (service 4.2) */
export async function remove(context: Context): Promise<void> {
  const { exchange, place, href } = context;
  if (hasBody(exchange)) throw new WebdavError(415, "DELETE takes no body");
  if (place.stats === null) throw notFound();
  checkWritable(place);
  if (place.isRoot) throw new WebdavError(403, "The folder itself cannot be deleted");
  const isFolder = place.stats.isDirectory();
  depthOf(exchange, isFolder ? ["infinity"] : ["0", "1", "infinity"], "infinity");
  checkHttpConditions(context, false);
  if (!isFolder) {
    checkLocks(context, place.path, true);
    await unlink(place.path);
    forget(context, place.path);
    return exchange.send(204, []);
  }
  const refused = await removeFolder(context, place.path, folderHref(href), true);
  if (refused.length === 0) return exchange.send(204, []);
  const responses = refused.map((address) => {
    const status = "<D:status>HTTP/1.1 423 Locked</D:status>";
    return `<D:response><D:href>${escapeXml(encodeHref(address))}</D:href>${status}</D:response>`;
  });
  exchange.send(207, multistatusHeaders, multistatus(responses));
}

/** Removes what it may and returns the addresses that are locked. Links are removed, not what they point to. */
async function removeFolder(context: Context, path: string, address: string, isTop: boolean): Promise<string[]> {
  const { state } = context;
  const isLocked = missingLocks(context, path, isTop).length > 0;
  if (!isLocked && state.locks.inside(path).length === 0) {
    await rm(path, { recursive: true });
    forget(context, path);
    return [];
  }
  const refused: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    const child = join(path, name);
    if (name.startsWith(uploadPrefix)) continue;
    if ((await lstat(child)).isDirectory()) {
      refused.push(...(await removeFolder(context, child, `${address}${name}/`, false)));
    } else if (missingLocks(context, child, true).length > 0) {
      refused.push(address + name);
    } else {
      await unlink(child);
      forget(context, child);
    }
  }
  if (isLocked) return [address, ...refused];
  if (refused.length > 0) return refused;
  await rmdir(path);
  forget(context, path);
  return [];
}

function forget({ state }: Context, path: string): void {
  state.locks.removeTree(path);
  state.properties.removeTree(path);
}
