import { type FileHandle, open } from "node:fs/promises";
import { damaged } from "../package-error.ts";
import { writeAt } from "../write-whole.ts";
import { copyCommand, deltaMagic, literalCommand } from "./delta.ts";

const pieceSize = 1 << 20;

/**
 * Makes a new file of an old one and a delta. (packages 3.1)
 *
 * @throws PackageError for what is no delta, or does not fit the old file
 */
export async function librsyncPatch(
  oldPath: string,
  deltaPath: string,
  target: FileHandle,
  signal?: AbortSignal,
): Promise<void> {
  await using old = await open(oldPath, "r");
  await using delta = await open(deltaPath, "r");
  const reader = new DeltaReader(delta);
  if ((await reader.number(4)) !== deltaMagic) throw damaged("Not a librsync delta");
  const piece = Buffer.allocUnsafe(pieceSize);
  let position = 0;
  const copy = async (source: FileHandle, offset: number, length: number) => {
    for (let done = 0; done < length; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await source.read(piece, 0, Math.min(piece.length, length - done), offset + done);
      if (bytesRead === 0) throw damaged("The librsync delta does not fit: it asks for more than there is");
      position = await writeAt(target, piece.subarray(0, bytesRead), position);
      done += bytesRead;
    }
  };
  for (;;) {
    const code = await reader.number(1);
    if (code === 0) return;
    if (code < copyCommand) {
      const length = code < literalCommand ? code : await reader.number(2 ** (code - literalCommand));
      await copy(delta, reader.position, length);
      reader.position += length;
    } else if (code < copyCommand + 16) {
      const offset = await reader.number(2 ** ((code - copyCommand) >> 2));
      await copy(old, offset, await reader.number(2 ** ((code - copyCommand) & 3)));
    } else throw damaged(`Unknown command ${code} in a librsync delta`);
  }
}

/** Reads numbers; a buffer saves the many small reads. */
class DeltaReader {
  position = 0;
  readonly #file: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(1 << 14);
  #start = 0;
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async number(size: number): Promise<number> {
    if (this.position < this.#start || this.position + size > this.#start + this.#length) {
      this.#start = this.position;
      this.#length = (await this.#file.read(this.#buffer, 0, this.#buffer.length, this.#start)).bytesRead;
      if (this.#length < size) throw damaged("A librsync delta is cut off");
    }
    const at = this.position - this.#start;
    this.position += size;
    if (size < 8) return this.#buffer.readUIntBE(at, size);
    const number = Number(this.#buffer.readBigUInt64BE(at));
    if (!Number.isSafeInteger(number)) throw damaged("A number in a librsync delta is out of range");
    return number;
  }
}
