import { randomBytes } from "node:crypto";
import { chmod, type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { bodyPieces } from "../body.ts";
import { entityTag } from "./conditions.ts";
import { type Context, checkHttpConditions, checkLocks, checkWritable } from "./context.ts";
import { statIfThere, uploadPrefix } from "./folder.ts";
import { WebdavError } from "./webdav-error.ts";

/** Pieces of a body are gathered to this size before they are written. */
const pieceSize = 1024 * 1024;

/**
 * PUT: the body goes to a temporary file beside the target, which it replaces once everything is on the disk. A cut
 * connection or a crash leaves the old file. (service 4.2)
 */
export async function put(context: Context): Promise<void> {
  const { exchange, place } = context;
  checkWritable(place);
  if (place.isRoot) throw new WebdavError(405, "This is the folder itself");
  if (exchange.header("content-range") !== "") throw new WebdavError(400, "Parts of files cannot be written");
  const encoding = exchange.header("content-encoding").trim().toLowerCase();
  if (encoding !== "" && encoding !== "identity") throw new WebdavError(501, "Only plain content can be written");
  if (place.stats?.isDirectory()) throw new WebdavError(405, "This is a folder");
  const isNew = place.stats === null;
  if (isNew) await checkParent(place.path);
  checkHttpConditions(context, false);
  checkLocks(context, place.path, isNew);
  await replaceFile(place.path, exchange.request, place.stats?.mode ?? null);
  const headers = ["etag", entityTag(await stat(place.path))];
  if (isNew) exchange.sendHtml(201, "<!DOCTYPE html><title>Created</title>Created\n", headers);
  else exchange.send(204, headers);
}

/** @throws WebdavError 409 if there is no folder to put it in */
export async function checkParent(path: string): Promise<void> {
  const parent = await statIfThere(dirname(path));
  if (parent?.isDirectory() !== true) throw new WebdavError(409, "The folder above does not exist");
}

/** A name beside a file for what will replace it; nobody sees it. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), uploadPrefix + randomBytes(8).toString("hex"));
}

/** @param mode permissions of the file that is replaced; null for a new one */
async function replaceFile(path: string, source: IncomingMessage, mode: number | null): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    {
      await using file = await open(temporary, "wx", 0o660);
      await writeBody(file, source);
      await file.sync();
    }
    if (mode !== null) await chmod(temporary, mode & 0o7777);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** While one piece is written the next one is gathered. */
async function writeBody(file: FileHandle, source: IncomingMessage): Promise<void> {
  let writing: Promise<unknown> = Promise.resolve();
  let chunks: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    await writing;
    writing = writeAll(file, chunks);
    writing.catch(() => undefined); // awaited by the next flush
    chunks = [];
    size = 0;
  };
  for await (const chunk of bodyPieces(source)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= pieceSize) await flush();
  }
  await flush();
  await writing;
}

/** `writev` may write less than it was given, e.g. on a full disk. */
async function writeAll(file: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  if (chunks.length === 0) return;
  const total = chunks.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at)).bytesWritten;
}
