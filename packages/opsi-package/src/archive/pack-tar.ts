import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { damaged } from "../package-error.ts";
import type { SourceMember } from "../source-tree.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-writer.ts";

/** Files up to this size are read at once and share a chunk with others. */
const smallSize = 1 << 16;

/**
 * A tar archive of the members, in chunks of up to 1 MiB: what follows, a compressor, works best with large ones.
 * Small files are read synchronously, which is several times as fast; a server packs in a worker thread.
 *
 * @param pool where chunks come from; whoever uses them may give them back
 */
export async function* packTar(
  members: Iterable<SourceMember>,
  pool: ChunkPool,
  signal?: AbortSignal,
  onMember?: (member: SourceMember) => void,
): AsyncGenerator<Uint8Array> {
  let chunk = pool.take();
  let filled = 0;
  let position = 0;
  for (const member of members) {
    signal?.throwIfAborted();
    onMember?.(member);
    const header = tarHeader(member);
    const content = member.type === "file" ? member.size : 0;
    const needed = header.length + (content <= smallSize ? content + tarPadding(content).length : 0);
    if (filled + needed > chunk.length) {
      yield chunk.subarray(0, filled);
      chunk = pool.take();
      filled = 0;
    }
    chunk.set(header, filled);
    filled += header.length;
    position += header.length + content + tarPadding(content).length;
    if (content > 0 && content <= smallSize) {
      readSmall(member, chunk.subarray(filled, filled + content));
      filled += content;
      filled += tarPadding(content).copy(chunk, filled);
    } else if (content > 0) {
      yield chunk.subarray(0, filled);
      yield* readLarge(member, pool, signal);
      chunk = pool.take();
      filled = tarPadding(content).copy(chunk);
    }
  }
  yield chunk.subarray(0, filled);
  yield tarEnd(position);
}

function readSmall(member: SourceMember, target: Buffer): void {
  const file = openSync(member.path, "r");
  try {
    for (let done = 0; done < target.length; ) {
      const size = readSync(file, target, done, target.length - done, null);
      if (size === 0) throw changed(member);
      done += size;
    }
  } finally {
    closeSync(file);
  }
}

/** The next piece is read while the one before is compressed. */
async function* readLarge(
  member: SourceMember,
  pool: ChunkPool,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  await using file = await open(member.path, "r");
  const read = (offset: number) => {
    const chunk = pool.take();
    return file.read(chunk, 0, Math.max(0, Math.min(chunk.length, member.size - offset)), offset);
  };
  let next = read(0);
  for (let offset = 0; offset < member.size; ) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await next;
    if (bytesRead === 0) throw changed(member);
    offset += bytesRead;
    next = read(offset);
    next.catch(() => {}); // seen when it is awaited
    yield buffer.subarray(0, bytesRead);
  }
  pool.give((await next).buffer);
}

const changed = ({ path }: SourceMember) => damaged(`'${path}' became shorter while it was packed`);
