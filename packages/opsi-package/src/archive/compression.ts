import type { FileHandle } from "node:fs/promises";
import type { Transform } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { damaged, hostile } from "../package-error.ts";
import { decodeBzip2 } from "./bzip2-decode.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { transformChunks } from "./transform-chunks.ts";

export type Compression = "none" | "zstd" | "gz" | "bz2";

/** By magic number (packages 1.2). Of xz and others nothing is known, they are no archives for us. */
export function detectCompression(start: Uint8Array): Compression {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  if (bytes.readUIntBE(0, 3) === 0x1f8b08) return "gz";
  if (bytes.toString("latin1", 0, 3) === "BZh") return "bz2";
  if (bytes.readUIntBE(0, 4) === 0x28b52ffd) return "zstd";
  return "none";
}

export interface Range {
  readonly start: number;
  readonly size: number;
}

const readSize = 1 << 18;
/** The queues let the next data be decompressed while these are written. */
const streamOptions = { chunkSize: 1 << 19, writableHighWaterMark: 1 << 20, readableHighWaterMark: 1 << 22 };
/** Beyond this size, data that unpack to more than `ratioLimit` times themselves are taken for a bomb. */
const ratioFrom = 1 << 26;
const ratioLimit = 1000;

/**
 * The content of a part of a file, decompressed. Memory in use: a few chunks.
 *
 * @throws PackageError `damaged` for truncated or wrong data, `hostile` for a decompression bomb
 */
export async function* readDecompressed(
  file: FileHandle,
  range: Range,
  compression: Compression,
  signal?: AbortSignal,
  onRead?: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  if (range.size === 0) return;
  let total = 0;
  const pool = new ChunkPool(readSize);
  const source = readRange(file, range, pool, signal, onRead);
  for await (const chunk of decompress(source, compression, signal, pool)) {
    total += chunk.length;
    if (total > ratioFrom && total > range.size * ratioLimit) {
      throw hostile(`Decompression bomb: ${range.size} bytes unpack to more than ${total}`);
    }
    yield chunk;
  }
}

async function* readRange(
  file: FileHandle,
  { start, size }: Range,
  pool: ChunkPool,
  signal: AbortSignal | undefined,
  onRead: ((size: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; ) {
    signal?.throwIfAborted();
    const length = Math.min(readSize, size - offset);
    const { bytesRead, buffer } = await file.read(pool.take(), 0, length, start + offset);
    if (bytesRead === 0) throw damaged("The file became shorter while it was read");
    offset += bytesRead;
    onRead?.(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

function decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  signal: AbortSignal | undefined,
  pool: ChunkPool,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case "none":
      return source;
    case "zstd":
      // Level 19 with --long=27 and more is in use for large packages; 128 MiB of memory is what zstd itself allows
      return through(
        source,
        createZstdDecompress({ ...streamOptions, params: { [constants.ZSTD_d_windowLogMax]: 27 } }),
        signal,
        pool,
      );
    case "gz":
      return through(source, createGunzip(streamOptions), signal, pool);
    case "bz2":
      return decodeBzip2(source);
    default:
      return compression satisfies never;
  }
}

async function* through(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
  signal: AbortSignal | undefined,
  pool: ChunkPool,
): AsyncGenerator<Uint8Array> {
  try {
    yield* transformChunks(source, transform, signal, pool);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (/^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD|ERR_BUFFER)/.test(code))
      throw damaged("The compressed data are damaged or truncated", error);
    throw error;
  }
}
