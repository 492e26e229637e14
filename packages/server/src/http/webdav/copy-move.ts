import { constants, existsSync } from "node:fs";
import { chmod, copyFile, lstat, mkdir, realpath, rename, rm, utimes } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { type Context, checkHttpConditions, checkLocks, checkWritable, depthOf } from "./context.ts";
import { type Folder, locate, type Place, segmentsOf, statIfThere, visibleNames } from "./folder.ts";
import { destinationPath } from "./href.ts";
import { checkParent, temporaryBeside } from "./put.ts";
import { locked, notFound, WebdavError } from "./webdav-error.ts";

/**
 * COPY and MOVE inside a folder. The new thing is made under a name that nobody sees and then takes the place of what
 * was there, so that a failure leaves the old. (service 4.2)
 */
export async function copyOrMove(context: Context): Promise<void> {
  const { exchange, place, state } = context;
  const isMove = exchange.method === "MOVE";
  const { stats } = place;
  if (stats === null) throw notFound();
  const isFolder = stats.isDirectory();
  const depth = depthOf(exchange, isMove && isFolder ? ["infinity"] : ["0", "infinity"], "infinity");
  const overwrite = exchange.header("overwrite").trim().toUpperCase() || "T";
  if (overwrite !== "T" && overwrite !== "F") throw new WebdavError(400, "Overwrite is neither T nor F");
  const { target, spelling } = await destinationOf(context);
  if (isMove) checkWritable(place);
  checkWritable(target);
  if (place.isRoot || target.isRoot)
    throw new WebdavError(403, "The folder itself cannot be copied, moved or replaced");
  checkHttpConditions(context, false);

  const renamesInPlace = target.path === place.path && spelling !== place.path && isMove;
  if (!renamesInPlace) await checkTarget(place, target, overwrite);
  if (isMove) {
    checkLocks(context, place.path, true);
    checkUnlockedInside(context, place.path);
  }
  checkLocks(context, target.path, target.stats === null || isMove);
  checkUnlockedInside(context, target.path);
  if (renamesInPlace) {
    await rename(place.path, spelling);
    state.properties.copyTree(place.path, spelling);
  } else {
    if (isMove) {
      await replace(target, { make: (path) => rename(place.path, path), undo: (path) => rename(path, place.path) });
    } else {
      await replace(target, {
        make: (path) => copyTree(place.folder, place.path, path, depth === "infinity"),
        undo: (path) => rm(path, { recursive: true, force: true }),
      });
    }
    state.properties.copyTree(place.path, target.path);
    state.locks.removeTree(target.path);
  }
  if (isMove) {
    state.properties.removeTree(place.path);
    state.locks.removeTree(place.path);
  }
  if (target.stats === null) exchange.sendHtml(201, "<!DOCTYPE html><title>Created</title>Created\n");
  else exchange.send(204, []);
}

/** Where it shall go: the place, and the path with the last name spelled as the client did. */
async function destinationOf({ exchange, tree, place }: Context): Promise<{ target: Place; spelling: string }> {
  const header = exchange.header("destination");
  if (header === "") throw new WebdavError(400, "The header Destination is missing");
  const path = destinationPath(header, exchange.header("host"));
  if (path === null || !path.startsWith(`${tree.prefix}/`)) throw new WebdavError(502, "The destination is elsewhere");
  const found = tree.folderOf(path.slice(tree.prefix.length));
  if (found === null) throw new WebdavError(403, "There is no such folder");
  if (found.folder !== place.folder) throw new WebdavError(409, "Nothing can be moved from one folder to another");
  const target = await locate(found.folder, found.rest);
  const name = segmentsOf(found.rest).at(-1) ?? "";
  return { target, spelling: join(dirname(target.path), name) };
}

async function checkTarget(source: Place, target: Place, overwrite: string): Promise<void> {
  if (target.path === source.path) throw new WebdavError(403, "Source and destination are the same");
  const isInside = target.path.startsWith(source.path + sep);
  // the original deletes the folder, the file included, and then fails
  const containsSource = source.path.startsWith(target.path + sep);
  if (isInside || containsSource)
    throw new WebdavError(403, "A folder cannot be put into itself or replaced from within");
  if (target.stats === null) await checkParent(target.path);
  else if (overwrite === "F") throw new WebdavError(412, "The destination exists");
}

/** @throws WebdavError 423 if something inside is locked by others */
function checkUnlockedInside({ state, tokens }: Context, path: string): void {
  const first = state.locks.inside(path).find(({ token }) => !tokens.has(token));
  if (first !== undefined) throw locked(first.root);
}

interface Replacement {
  /** Makes the new thing under a name that nobody sees. */
  make(temporary: string): Promise<void>;
  /** Takes it away again. What was moved goes back to where it was. */
  undo(temporary: string): Promise<void>;
}

async function replace({ path, stats }: Place, { make, undo }: Replacement): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await make(temporary);
    if (stats?.isDirectory() === true || (stats !== null && (await lstat(temporary)).isDirectory())) {
      await replaceFolder(path, temporary);
    } else {
      await rename(temporary, path);
    }
  } catch (error) {
    if (existsSync(temporary)) await undo(temporary);
    throw error;
  }
}

/** A folder cannot be renamed onto something that exists. */
async function replaceFolder(path: string, temporary: string): Promise<void> {
  const old = temporaryBeside(path);
  await rename(path, old);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rename(old, path);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** Copies contents, permissions and times; links are followed if they stay inside, else left out. */
async function copyTree(
  folder: Folder,
  from: string,
  to: string,
  withContent: boolean,
  above: readonly string[] = [],
): Promise<void> {
  const stats = await statIfThere(from);
  if (stats === null) return; // it vanished meanwhile
  if (stats.isDirectory()) {
    const real = await realpath(from);
    if (above.includes(real)) return; // a link to a folder that it lies in: the copy would have no end
    await mkdir(to, { mode: 0o770 });
    for (const name of withContent ? await visibleNames(folder, from) : []) {
      await copyTree(folder, join(from, name), join(to, name), true, [...above, real]);
    }
  } else {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
  await chmod(to, stats.mode & 0o7777);
  await utimes(to, stats.atime, stats.mtime);
}
