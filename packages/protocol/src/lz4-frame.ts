import { setImmediate } from "node:timers/promises";
import { OpsiError } from "@opsi-ts/model";
import { compressFrame, compressFrameSync, decompressFrame, decompressFrameSync } from "lz4-napi";
import { LimitError } from "./limits.ts";

/*
 * LZ4 frame format 1.6.x:
 *
 *     magic 04 22 4d 18 | FLG | BD | [content size 8] | [dictionary id 4] | HC | blocks | 00 00 00 00 | [checksum 4]
 *     FLG  version 01 | independent blocks | block checksums | content size | content checksum | 0 | dictionary
 *     block: size 4 (highest bit: not compressed) | data | [checksum 4]
 *
 * The library decompresses without any bound, so the size is counted first: a block is a list of
 * (token, literals, offset, match length), and adding up the lengths needs no memory.
 */
const magic = 0x184d2204;
const independentFlag = 0x20;
/** Above this many bytes the work is handed to a thread. */
const smallBytes = 64 * 1024;

/** @param independentBlocks what the header says; lz4-java refuses frames that say "linked" (service §2.1) */
export async function compressLz4(bytes: Uint8Array, independentBlocks: boolean): Promise<Uint8Array> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frame = data.length <= smallBytes ? compressFrameSync(data) : await compressFrame(data);
  const flags = frame[4] as number;
  // The library never lets blocks refer to each other. Saying "linked" nevertheless is allowed by the format,
  // and is what the original says to everybody except opsi-configed.
  if (!independentBlocks && (flags & independentFlag) !== 0) {
    frame[4] = flags & ~independentFlag;
    const end = 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
    frame[end] = (shortXxHash32(frame.subarray(4, end)) >>> 8) & 0xff;
  }
  return frame;
}

/**
 * One frame; what follows it is ignored, as the original does.
 *
 * @throws OpsiError DecodeError; LimitError when more than `maximumBytes` would come out
 */
export async function decompressLz4(bytes: Uint8Array, maximumBytes: number): Promise<Uint8Array> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = await lz4ContentSize(data, maximumBytes);
  try {
    return data.length <= smallBytes && size <= smallBytes * 4
      ? decompressFrameSync(data)
      : await decompressFrame(data);
  } catch (error) {
    throw new OpsiError("DecodeError", "LZ4 frame is malformed", { cause: error });
  }
}

/** Bytes that come out of the frame, counted block by block with pauses for other work. */
async function lz4ContentSize(data: Buffer, maximumBytes: number): Promise<number> {
  if (data.length < 7) throw truncated();
  if (data.readUInt32LE(0) !== magic) throw malformed("no magic number");
  const flags = data[4] as number;
  if (flags >> 6 !== 1) throw malformed("unknown version");
  if ((flags & 0x01) !== 0) throw malformed("dictionaries are not supported");
  const blockMaximum = blockSizes[((data[5] as number) >> 4) & 7];
  if (blockMaximum === undefined) throw malformed("bad block size");
  const checksum = (flags & 0x10) === 0 ? 0 : 4;
  let position = 7 + ((flags & 0x08) === 0 ? 0 : 8);
  let size = 0;
  let pauseAt = pauseBytes;
  for (;;) {
    if (position + 4 > data.length) throw truncated();
    const head = data.readUInt32LE(position);
    position += 4;
    if (head === 0) break;
    const length = head & 0x7fffffff;
    if (length > blockMaximum) throw malformed("block is too large");
    if (position + length + checksum > data.length) throw truncated();
    size += head >>> 31 === 1 ? length : blockContentSize(data, position, position + length, blockMaximum);
    if (size > maximumBytes) throw new LimitError("decodedBytes", maximumBytes);
    position += length + checksum;
    if (position > pauseAt) {
      pauseAt = position + pauseBytes;
      await setImmediate();
    }
  }
  if ((flags & 0x04) !== 0 && position + 4 > data.length) throw truncated();
  return size;
}

const blockSizes: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };
const pauseBytes = 2 ** 20;

function blockContentSize(data: Buffer, start: number, end: number, maximum: number): number {
  let position = start;
  let size = 0;
  while (position < end) {
    const token = data[position++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (position >= end) throw malformed("block ends within a length");
        more = data[position++] as number;
        literals += more;
      } while (more === 255);
    }
    position += literals;
    size += literals;
    if (position > end) throw malformed("block ends within literals");
    if (position === end) break; // the last sequence has no match
    position += 2;
    let match = token & 15;
    if (match === 15) {
      let more: number;
      do {
        if (position >= end) throw malformed("block ends within a length");
        more = data[position++] as number;
        match += more;
      } while (more === 255);
    }
    size += match + 4;
    if (size > maximum) throw malformed("block is larger than its frame allows");
  }
  return size;
}

/** xxHash-32 with seed 0 of less than 16 bytes: all that a frame header needs. */
function shortXxHash32(bytes: Uint8Array): number {
  const [prime1, prime2, prime3, prime4, prime5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  let hash = (prime5 + bytes.length) | 0;
  let position = 0;
  for (; position + 4 <= bytes.length; position += 4) {
    hash = (hash + Math.imul(view.getUint32(position, true), prime3)) | 0;
    hash = Math.imul(rotate(hash, 17), prime4);
  }
  for (; position < bytes.length; position++) {
    hash = (hash + Math.imul(view.getUint8(position), prime5)) | 0;
    hash = Math.imul(rotate(hash, 11), prime1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const truncated = () => new OpsiError("DecodeError", "Input data was truncated");
const malformed = (reason: string) => new OpsiError("DecodeError", `LZ4 frame is malformed: ${reason}`);
