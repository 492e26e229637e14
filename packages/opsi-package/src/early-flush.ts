import type { FileHandle } from "node:fs/promises";

const interval = 1 << 25;

/**
 * Has the disk write what a large file already holds while the rest of it is made, so that the `sync` at the end, which
 * is still needed, has little left to wait for.
 */
export class EarlyFlush {
  readonly #file: FileHandle;
  #unflushed = 0;
  #flushing: Promise<void> | null = null;
  #failure: unknown;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** To be called for each piece that was written; does not wait. */
  written(size: number): void {
    this.#unflushed += size;
    if (this.#unflushed < interval || this.#flushing !== null) return;
    this.#unflushed = 0;
    this.#flushing = this.#flush();
  }

  /** @throws what the disk said meanwhile */
  async end(): Promise<void> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #flush(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      // The system reports a failed write once only, so it must not get lost here
      this.#failure ??= error;
    }
    this.#flushing = null;
  }
}
