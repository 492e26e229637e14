import { open } from "node:fs/promises";
import { damaged, unsupported } from "../package-error.ts";
import { Md4 } from "../zsync/md4.ts";
import { WeakSum } from "./weak-sum.ts";

/*
 * Signature of a file (librsync 1.0 with MD4); all numbers are big-endian:
 *
 *   72 73 01 36 | block length (4) | strong length (4) | per block: weak sum (4), start of its MD4 (strong length)
 */
const magic = 0x72730136;
const blockLength = 2048;
const strongLength = 8;
const headerLength = 12;
const blocksAtOnce = 512;

/** What is known of a file: enough to make a delta against it without having it. */
export interface Signature {
  readonly blockLength: number;
  readonly strongLength: number;
  /** Numbers of the blocks with a weak sum. */
  readonly blocks: ReadonlyMap<number, readonly number[]>;
  /** Starts of the blocks' MD4, one after the other. */
  readonly strong: Uint8Array;
}

/** The signature of a file, as bytes. (packages 3.1) */
export async function librsyncSignature(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const count = Math.ceil(size / blockLength);
  const signature = Buffer.alloc(headerLength + count * (4 + strongLength));
  signature.writeUInt32BE(magic, 0);
  signature.writeUInt32BE(blockLength, 4);
  signature.writeUInt32BE(strongLength, 8);
  const [weak, md4] = [new WeakSum(), new Md4(blockLength)];
  const buffer = Buffer.allocUnsafe(blockLength * blocksAtOnce);
  let at = headerLength;
  for (let offset = 0; offset < size; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - offset), offset);
    // A short read in the middle of the file: up to the last whole block
    const end = offset + bytesRead >= size ? bytesRead : bytesRead - (bytesRead % blockLength);
    if (end === 0) throw new Error(`${path} became shorter while it was read`);
    for (let start = 0; start < end; start += blockLength) {
      const block = buffer.subarray(start, Math.min(start + blockLength, end));
      weak.start(block);
      at = signature.writeUInt32BE(weak.value, at);
      at += Buffer.from(md4.digestExact(block)).copy(signature, at, 0, strongLength);
    }
    offset += end;
  }
  return signature;
}

/** @throws PackageError for anything that is no signature with MD4 */
export function parseSignature(bytes: Uint8Array): Signature {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < headerLength) throw damaged("Not a librsync signature: too short");
  if (buffer.readUInt32BE(0) !== magic) throw unsupported("Not a librsync signature with MD4");
  const [length, strongSize] = [buffer.readUInt32BE(4), buffer.readUInt32BE(8)];
  const step = 4 + strongSize;
  if (length < 64 || length > 1 << 20 || length % 64 !== 0 || strongSize < 1 || strongSize > 16) {
    throw unsupported(`Lengths ${length} and ${strongSize} of a librsync signature`);
  }
  if ((buffer.length - headerLength) % step !== 0) throw damaged("A librsync signature is cut off");
  const count = (buffer.length - headerLength) / step;
  const blocks = new Map<number, number[]>();
  const strong = new Uint8Array(count * strongSize);
  for (let block = 0; block < count; block++) {
    const at = headerLength + block * step;
    const weak = buffer.readUInt32BE(at);
    const same = blocks.get(weak);
    if (same) same.push(block);
    else blocks.set(weak, [block]);
    strong.set(buffer.subarray(at + 4, at + step), block * strongSize);
  }
  return { blockLength: length, strongLength: strongSize, blocks, strong };
}
