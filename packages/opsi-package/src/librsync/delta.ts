import { type FileHandle, open } from "node:fs/promises";
import { writeAt } from "../write-whole.ts";
import { Md4 } from "../zsync/md4.ts";
import { parseSignature, type Signature } from "./signature.ts";
import { WeakSum } from "./weak-sum.ts";

/*
 * A delta: how a new file is put together of an old one.
 *
 *   72 73 02 36 | commands | 00
 *
 *   01..40        so many bytes follow
 *   41..44        a length of 1, 2, 4 or 8 bytes follows, then so many bytes
 *   45..54        copy: offset and length follow, 1, 2, 4 or 8 bytes each: 45 + 4 * (size of offset) + (size of length)
 */
export const deltaMagic = 0x72730236;
export const literalCommand = 0x41;
export const copyCommand = 0x45;

const windowSize = 1 << 22;
/** Equal blocks in a row, e.g. of zeros, all have the same sums: more need not be looked at. */
const mostCandidates = 16;

/** Writes the delta that makes the file at `path` of the file with the signature. (packages 3.1) */
export async function librsyncDelta(
  path: string,
  signature: Uint8Array,
  target: FileHandle,
  signal?: AbortSignal,
): Promise<void> {
  await using file = await open(path, "r");
  const output = new DeltaOutput(target);
  await scan(file, parseSignature(signature), output, signal);
  await output.end();
}

async function scan(
  file: FileHandle,
  signature: Signature,
  output: DeltaOutput,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { blockLength } = signature;
  const [weak, md4] = [new WeakSum(), new Md4(blockLength)];
  const window = Buffer.allocUnsafe(windowSize + blockLength);
  let filled = 0;
  let position = 0;
  let complete = false;
  const fill = async () => {
    signal?.throwIfAborted();
    while (!complete && filled < window.length) {
      const { bytesRead } = await file.read(window, filled, window.length - filled);
      complete = bytesRead === 0;
      filled += bytesRead;
    }
  };
  await fill();
  let literal = 0; // bytes from here to `position` match nothing
  let summed = false;
  while (position < filled) {
    const end = Math.min(position + blockLength, filled);
    if (!summed) weak.start(window.subarray(position, end));
    summed = true;
    const block = findBlock(signature, weak.value, window.subarray(position, end), md4);
    if (block >= 0) {
      await output.literal(window.subarray(literal, position));
      await output.copy(block * blockLength, end - position);
      position = end;
      literal = end;
      summed = false;
    } else {
      const out = window[position] as number;
      if (end < filled) weak.roll(out, window[end] as number);
      else weak.shrink(out);
      position++;
    }
    if (!complete && filled - position <= blockLength) {
      await output.literal(window.subarray(literal, position));
      window.copyWithin(0, position, filled);
      filled -= position;
      position = 0;
      literal = 0;
      await fill();
      summed = false;
    }
  }
  await output.literal(window.subarray(literal, filled));
}

/** The number of a block that is equal, -1 if there is none. */
function findBlock({ blocks, strong, strongLength }: Signature, weak: number, window: Uint8Array, md4: Md4): number {
  const candidates = blocks.get(weak);
  if (candidates === undefined) return -1;
  const digest = md4.digestExact(window);
  for (const block of candidates.slice(0, mostCandidates)) {
    let same = 0;
    while (same < strongLength && strong[block * strongLength + same] === digest[same]) same++;
    if (same === strongLength) return block;
  }
  return -1;
}

/** Copies that follow each other become one. */
class DeltaOutput {
  readonly #file: FileHandle;
  #position = 0;
  #copy: { readonly offset: number; length: number } | null = null;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async literal(data: Uint8Array): Promise<void> {
    if (data.length === 0) return;
    await this.#flush();
    await this.#write(data.length <= 64 ? Buffer.of(data.length) : command(literalCommand, data.length));
    await this.#write(data);
  }

  async copy(offset: number, length: number): Promise<void> {
    if (this.#copy !== null && this.#copy.offset + this.#copy.length === offset) {
      this.#copy.length += length;
      return;
    }
    await this.#flush();
    this.#copy = { offset, length };
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#write(Buffer.of(0));
  }

  async #flush(): Promise<void> {
    if (this.#copy === null) return;
    const { offset, length } = this.#copy;
    this.#copy = null;
    await this.#write(command(copyCommand, offset, length));
  }

  async #write(data: Uint8Array): Promise<void> {
    if (this.#position === 0) this.#position = await writeAt(this.#file, magicBytes(), 0);
    this.#position = await writeAt(this.#file, data, this.#position);
  }
}

function magicBytes(): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(deltaMagic);
  return bytes;
}

/** A command with its numbers in as few bytes as they need. */
function command(first: number, ...numbers: number[]): Buffer {
  let code = 0;
  const parts = numbers.map((number) => {
    const size = number < 0x100 ? 0 : number < 0x10000 ? 1 : number < 0x100000000 ? 2 : 3;
    code = code * 4 + size;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes.subarray(8 - 2 ** size);
  });
  return Buffer.concat([Buffer.of(first + code), ...parts]);
}
