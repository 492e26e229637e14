import type { FileHandle } from "node:fs/promises";
import { damaged } from "../package-error.ts";

/** Bytes in sequence, as archive readers need them. Returned pieces are valid until the next call. */
export interface ByteSource {
  /** Bytes consumed so far. */
  readonly position: number;
  /** Exactly `size` bytes; null when the source has already ended. A part is an error. */
  read(size: number): Promise<Buffer | null>;
  /** Between 1 and `limit` bytes; null at the end. */
  readSome(limit: number): Promise<Buffer | null>;
  skip(size: number): Promise<void>;
}

const truncated = () => damaged("The archive ends too early");

/** A stream of chunks, for example from a decompressor. Copies only where a header crosses two chunks. */
export class StreamSource implements ByteSource {
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async read(size: number): Promise<Buffer | null> {
    if (this.#chunk.length >= size) return this.#take(size);
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      if (this.#chunk.length === 0 && !(await this.#fill())) {
        if (missing === size) return null;
        throw truncated();
      }
      const part = this.#take(Math.min(missing, this.#chunk.length));
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Up to `size` bytes from here, without consuming them. Fewer only at the end. */
  async peek(size: number): Promise<Buffer> {
    while (this.#chunk.length < size) {
      const rest = this.#chunk;
      this.#chunk = Buffer.alloc(0);
      const more = await this.#fill();
      this.#chunk = Buffer.concat([rest, this.#chunk]);
      if (!more) break;
    }
    return this.#chunk.subarray(0, size);
  }

  async readSome(limit: number): Promise<Buffer | null> {
    if (this.#chunk.length === 0 && !(await this.#fill())) return null;
    return this.#take(Math.min(limit, this.#chunk.length));
  }

  async skip(size: number): Promise<void> {
    for (let missing = size; missing > 0; ) {
      const part = await this.readSome(missing);
      if (part === null) throw truncated();
      missing -= part.length;
    }
  }

  /** Reads to the end, so that the decompressor checks its own checksum. */
  async drain(): Promise<void> {
    while (await this.readSome(Number.MAX_SAFE_INTEGER));
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #take(size: number): Buffer {
    const part = this.#chunk.subarray(0, size);
    this.#chunk = this.#chunk.subarray(size);
    this.position += size;
    return part;
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return true;
  }
}

/** An open file. Skipping costs nothing, so the members of a package of many gigabytes are listed at once. */
export class FileSource implements ByteSource {
  position = 0;
  readonly #file: FileHandle;
  readonly #size: number;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  async read(size: number): Promise<Buffer | null> {
    if (this.position >= this.#size) return null;
    const part = await this.readSome(size);
    if (part === null || part.length < size) throw truncated();
    return part;
  }

  async readSome(limit: number): Promise<Buffer | null> {
    const size = Math.min(limit, this.#size - this.position);
    if (size <= 0) return null;
    const buffer = Buffer.allocUnsafe(Math.min(size, 1 << 20));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, length, buffer.length - length, this.position + length);
      if (bytesRead === 0) throw truncated();
      length += bytesRead;
    }
    this.position += length;
    return buffer;
  }

  async skip(size: number): Promise<void> {
    if (this.position + size > this.#size) throw truncated();
    this.position += size;
  }
}
