import { type FileHandle, open } from "node:fs/promises";
import { rollingMask, rollingSum } from "./hash-file.ts";
import { Md4 } from "./md4.ts";
import type { FoundBlocks } from "./plan-download.ts";
import { blockCount, type ZsyncFile } from "./zsync-file.ts";

const windowSize = 1 << 22;

/**
 * Looks for the blocks of the new file in local files, at every offset (packages 4.9). Reads each file once; memory in
 * use: a few megabytes and 30 bytes per block.
 *
 * @param paths the old package, and leftovers of earlier downloads
 */
export async function findBlocks(
  zsync: ZsyncFile,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<FoundBlocks> {
  const index = new BlockIndex(zsync);
  for (const [source, path] of paths.entries()) {
    await using file = await open(path, "r");
    await scan(file, zsync, index, source, signal);
    if (index.missing === 0) break;
  }
  return index.found;
}

/** Hot: one step per byte. */
async function scan(
  file: FileHandle,
  { blockSize, sequence, rollingBytes }: ZsyncFile,
  index: BlockIndex,
  source: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { size } = await file.stat();
  const mask = rollingMask(rollingBytes);
  const needed = blockSize * 2 + 1;
  const buffer = Buffer.alloc(windowSize + needed);
  const isPair = sequence === 2;
  for (let base = 0; base < size; ) {
    signal?.throwIfAborted();
    await fill(file, buffer, base, size);
    const end = Math.min(windowSize, size - base);
    let position = 0;
    let fresh = true;
    let [a1, b1, a2, b2] = [0, 0, 0, 0];
    while (position < end) {
      if (fresh) {
        [a1, b1] = split(rollingSum(buffer.subarray(position, position + blockSize), blockSize));
        [a2, b2] = split(rollingSum(buffer.subarray(position + blockSize, position + 2 * blockSize), blockSize));
        fresh = false;
      }
      const first = (((a1 << 16) | b1) & mask) >>> 0;
      const second = isPair ? (((a2 << 16) | b2) & mask) >>> 0 : 0;
      if (index.mayHave(first, second)) {
        const block = buffer.subarray(position, position + blockSize);
        if (index.match(first, second, block, source, base + position, size)) {
          position += blockSize;
          fresh = true;
          if (index.missing === 0) return;
          continue;
        }
      }
      const out = buffer[position] as number;
      const middle = buffer[position + blockSize] as number;
      const next = buffer[position + 2 * blockSize] as number;
      a1 = (a1 + middle - out) & 0xffff;
      b1 = (b1 + a1 - out * blockSize) & 0xffff;
      a2 = (a2 + next - middle) & 0xffff;
      b2 = (b2 + a2 - middle * blockSize) & 0xffff;
      position++;
    }
    base += position;
  }
}

const split = (sum: number): [number, number] => [(sum >>> 16) & 0xffff, sum & 0xffff];

/** Fills the buffer from the file, with zeros behind its end. */
async function fill(file: FileHandle, buffer: Buffer, base: number, size: number): Promise<void> {
  const length = Math.min(buffer.length, size - base);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, done, length - done, base + done);
    if (bytesRead === 0) throw new Error("The file became shorter while it was read");
    done += bytesRead;
  }
  buffer.fill(0, length);
}

/** Blocks by their rolling sum (and that of the block behind), and where each was found. */
class BlockIndex {
  readonly found: FoundBlocks;
  missing: number;
  readonly #zsync: ZsyncFile;
  readonly #count: number;
  readonly #md4: Md4;
  /** Bits that tell for most sums that there is no such block. */
  readonly #filter: Uint8Array;
  readonly #filterMask: number;
  readonly #heads: Int32Array;
  readonly #chain: Int32Array;

  constructor(zsync: ZsyncFile) {
    this.#zsync = zsync;
    this.#count = this.missing = blockCount(zsync);
    this.#md4 = new Md4(zsync.blockSize);
    this.found = { sources: new Int16Array(this.#count).fill(-1), offsets: new Float64Array(this.#count) };
    const bits = Math.min(28, Math.max(16, Math.ceil(Math.log2(this.#count + 1)) + 5));
    this.#filter = new Uint8Array(2 ** (bits - 3));
    this.#filterMask = 2 ** bits - 1;
    const buckets = 2 ** Math.max(4, bits - 5);
    this.#heads = new Int32Array(buckets).fill(-1);
    this.#chain = new Int32Array(this.#count).fill(-1);
    for (let block = this.#count - 1; block >= 0; block--) {
      const hash = pairHash(this.#sum(block), this.#following(block));
      const bit = hash & this.#filterMask;
      this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] as number) | (1 << (bit & 7));
      const bucket = hash & (buckets - 1);
      this.#chain[block] = this.#heads[bucket] as number;
      this.#heads[bucket] = block;
    }
  }

  mayHave(first: number, second: number): boolean {
    const bit = pairHash(first, second) & this.#filterMask;
    return ((this.#filter[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;
  }

  /** Notes the place for all blocks that are equal to this one. */
  match(first: number, second: number, data: Uint8Array, source: number, offset: number, size: number): boolean {
    const bucket = pairHash(first, second) & (this.#heads.length - 1);
    let digest: Uint8Array | null = null;
    for (let block = this.#heads[bucket] as number; block >= 0; block = this.#chain[block] as number) {
      if (this.#sum(block) !== first || this.#following(block) !== second) continue;
      digest ??= this.#md4.digest(data);
      if (!this.#hasChecksum(block, digest)) continue;
      this.#assignEqual(first, digest, source, offset, size);
      return true;
    }
    return false;
  }

  /** Also blocks with another block behind them have the same content. */
  #assignEqual(sum: number, digest: Uint8Array, source: number, offset: number, size: number): void {
    const { blockSize, length } = this.#zsync;
    const { sources, offsets } = this.found;
    this.#missingBySum ??= this.#indexBySum();
    const missing = this.#missingBySum.get(sum) ?? [];
    const still = missing.filter((block) => {
      if (!this.#hasChecksum(block, digest)) return true;
      if (offset + Math.min(blockSize, length - block * blockSize) > size) return true;
      sources[block] = source;
      offsets[block] = offset;
      return false;
    });
    this.#missingBySum.set(sum, still);
    this.missing -= missing.length - still.length;
  }

  /** Without those that were found: a file may consist of thousands of equal blocks, and each of them looks here. */
  #missingBySum: Map<number, number[]> | null = null;

  #indexBySum(): Map<number, number[]> {
    const map = new Map<number, number[]>();
    for (let block = 0; block < this.#count; block++) {
      const sum = this.#sum(block);
      const blocks = map.get(sum);
      if (blocks) blocks.push(block);
      else map.set(sum, [block]);
    }
    return map;
  }

  #hasChecksum(block: number, digest: Uint8Array): boolean {
    const { checksumBytes } = this.#zsync;
    const start = block * checksumBytes;
    for (let index = 0; index < checksumBytes; index++) {
      if (this.#zsync.checksums[start + index] !== digest[index]) return false;
    }
    return true;
  }

  #sum(block: number): number {
    return this.#zsync.rollingSums[block] as number;
  }

  /** The sum of the block behind; zeros follow the last one. */
  #following(block: number): number {
    if (this.#zsync.sequence < 2 || block + 1 >= this.#count) return 0;
    return this.#zsync.rollingSums[block + 1] as number;
  }
}

function pairHash(first: number, second: number): number {
  const mixed = Math.imul(first ^ Math.imul(second, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
