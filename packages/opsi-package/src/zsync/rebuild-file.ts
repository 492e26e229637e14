import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { damaged } from "../package-error.ts";
import { writeAt, writeWhole } from "../write-whole.ts";
import { findBlocks } from "./find-blocks.ts";
import { optimizedPlan, type Piece, plainPlan } from "./plan-download.ts";
import type { ZsyncFile } from "./zsync-file.ts";

/** Part of the remote file, as it came: `start` is its place in the file. Parts may come in any order and size. */
export interface RemotePart {
  readonly start: number;
  readonly data: Uint8Array;
}

/** Fetches ranges of the remote file; see `rangeHeaders` for how to ask for them. */
export type FetchRanges = (pieces: readonly Piece[], signal?: AbortSignal) => AsyncIterable<RemotePart>;

export interface RebuildResult {
  readonly localBytes: number;
  readonly remoteBytes: number;
}

/**
 * Makes the new file out of local ones and what is missing there (packages 4.9). It appears under its name when its
 * SHA-1 is right; before, nothing at that place is touched.
 *
 * @throws PackageError `damaged` when the server sent too little or the result is not what the zsync file says
 */
export async function rebuildFile(
  zsync: ZsyncFile,
  localPaths: readonly string[],
  target: string,
  fetchRanges: FetchRanges,
  signal?: AbortSignal,
): Promise<RebuildResult> {
  const pieces = optimizedPlan(plainPlan(zsync, await findBlocks(zsync, localPaths, signal)));
  const remote = pieces.filter(({ from }) => from === "remote");
  const unfinished = `${target}.zsync-tmp-${randomUUID()}`;
  const write = async (file: FileHandle) => {
    await copyLocal(file, pieces, localPaths, signal);
    await writeRemote(file, remote, fetchRanges(remote, signal));
    if ((await sha1Of(file, zsync.length, signal)) !== zsync.sha1) {
      throw damaged(`SHA-1 of '${zsync.filename}' is not that of its zsync file`);
    }
  };
  await writeWhole(target, write, { unfinished });
  const remoteBytes = sizeOf(remote);
  return { localBytes: zsync.length - remoteBytes, remoteBytes };
}

const sizeOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { size }) => sum + size, 0);
const chunkSize = 1 << 20;

async function copyLocal(
  file: FileHandle,
  pieces: readonly Piece[],
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [source, path] of paths.entries()) {
    await using local = await open(path, "r");
    for (const piece of pieces) {
      if (piece.from !== "local" || piece.source !== source) continue;
      for (let done = 0; done < piece.size; ) {
        signal?.throwIfAborted();
        const size = Math.min(chunkSize, piece.size - done);
        const { bytesRead, buffer } = await local.read(Buffer.allocUnsafe(size), 0, size, piece.offset + done);
        if (bytesRead === 0) throw damaged(`'${path}' became shorter while it was read`);
        await writeAt(file, buffer.subarray(0, bytesRead), piece.start + done);
        done += bytesRead;
      }
    }
  }
}

async function writeRemote(
  file: FileHandle,
  remote: readonly Piece[],
  parts: AsyncIterable<RemotePart>,
): Promise<void> {
  let missing = sizeOf(remote);
  for await (const { start, data } of parts) {
    const wanted = remote.some((piece) => start >= piece.start && start + data.length <= piece.start + piece.size);
    if (!wanted) throw damaged("The server sent bytes that were not asked for");
    await writeAt(file, data, start);
    missing -= data.length;
  }
  if (missing !== 0) throw damaged("The server did not send all ranges");
}

async function sha1Of(file: FileHandle, size: number, signal: AbortSignal | undefined): Promise<string> {
  const sha1 = createHash("sha1");
  const buffer = Buffer.allocUnsafe(chunkSize);
  for (let offset = 0; offset < size; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(chunkSize, size - offset), offset);
    if (bytesRead === 0) break;
    sha1.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return sha1.digest("hex");
}
