import { mkdir } from "node:fs/promises";
import { type Context, checkLocks, checkWritable, hasBody } from "./context.ts";
import { checkParent } from "./put.ts";
import { WebdavError } from "./webdav-error.ts";

/** MKCOL: a new folder. (service 4.2) */
export async function mkcol(context: Context): Promise<void> {
  const { exchange, place } = context;
  if (place.stats !== null) {
    // what exists was never to be created: said before read-only, as in the original
    throw new WebdavError(place.folder.readOnly ? 403 : 405, "This exists already");
  }
  checkWritable(place);
  if (hasBody(exchange)) throw new WebdavError(415, "MKCOL takes no body");
  await checkParent(place.path);
  checkLocks(context, place.path, true);
  await mkdir(place.path, { mode: 0o770 });
  exchange.sendHtml(201, "<!DOCTYPE html><title>Created</title>Created\n");
}
