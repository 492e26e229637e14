import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { OpsiError } from "@opsi-ts/model";
import { LimitError } from "./limits.ts";
import { compressLz4, decompressLz4 } from "./lz4-frame.ts";

/** Names of Content-Encoding; `deflate` is a zlib stream (RFC 1950), `lz4` the frame format, `zstd` our addition. */
export type Compression = "identity" | "gzip" | "deflate" | "lz4" | "zstd";

/** Above this many bytes the work is handed to a thread; below, the way there and back takes longer. */
const smallBytes = 32 * 1024;

/** @param options.independentBlocks for LZ4: say so in the header, lz4-java reads nothing else (service §2.1) */
export async function compress(
  bytes: Uint8Array,
  compression: Compression,
  options: { independentBlocks?: boolean } = {},
): Promise<Uint8Array> {
  const small = bytes.length <= smallBytes;
  switch (compression) {
    case "identity":
      return bytes;
    case "lz4":
      return compressLz4(bytes, options.independentBlocks ?? false);
    case "gzip":
      return small ? zlib.gzipSync(bytes, gzipOptions) : gzip(bytes, gzipOptions);
    case "deflate":
      return small ? zlib.deflateSync(bytes, gzipOptions) : deflate(bytes, gzipOptions);
    case "zstd":
      return small ? zlib.zstdCompressSync(bytes) : zstdCompress(bytes);
  }
}

/**
 * Never holds more than `maximumBytes` of output, whatever a header claims.
 *
 * @throws OpsiError DecodeError for broken or truncated data; LimitError when more would come out
 */
export async function decompress(
  bytes: Uint8Array,
  compression: Compression,
  maximumBytes: number,
): Promise<Uint8Array> {
  if (compression === "identity") {
    if (bytes.length > maximumBytes) throw new LimitError("decodedBytes", maximumBytes);
    return bytes;
  }
  if (maximumBytes <= modestBytes) return decompressWithin(bytes, compression, maximumBytes);
  try {
    return await decompressWithin(bytes, compression, modestBytes);
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
  }
  return oneByOne(() => decompressWithin(bytes, compression, maximumBytes));
}

/**
 * What unpacks to more than this takes its turn: many at once would take the memory of all of them. The others, nearly
 * all, never wait for those.
 */
const modestBytes = 2 ** 20;
let lastTurn: Promise<unknown> = Promise.resolve();

function oneByOne<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work, work);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

async function decompressWithin(
  bytes: Uint8Array,
  compression: Exclude<Compression, "identity">,
  maximumBytes: number,
): Promise<Uint8Array> {
  if (compression === "lz4") return decompressLz4(bytes, maximumBytes);
  // zlib refuses a bound of 0 and needs room for the byte that proves the excess.
  const options = { maxOutputLength: Math.max(1, maximumBytes) };
  try {
    // A small body may still unpack to something large: only a thread may find out.
    switch (compression) {
      case "gzip":
        return await gunzip(bytes, options);
      case "deflate":
        return await inflate(bytes, options);
      case "zstd":
        return await zstdDecompress(bytes, { ...options, params: { [zlib.constants.ZSTD_d_windowLogMax]: 24 } });
    }
  } catch (error) {
    if (error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw new LimitError("decodedBytes", maximumBytes);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsiError("DecodeError", `Cannot decompress ${compression}: ${reason}`, { cause: error });
  }
}

// Level 1 takes a third of the time of the default 6 and makes JSON only a fifth larger.
const gzipOptions = { level: zlib.constants.Z_BEST_SPEED };
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const deflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflate);
const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate);
const zstdCompress = promisify<Uint8Array, Buffer>(zlib.zstdCompress);
const zstdDecompress = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);
