import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A log file that is set aside as `.1`, `.2`, … when it has grown too large. Every line is on its way to the disk
 * when `write` returns, so that the last words of a dying process are not lost.
 *
 * @param maxBytes 0 = never rotate
 * @param keep how many old files stay
 */
export class RotatingFile implements Disposable {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #file: number | null;
  #size = 0;

  constructor(path: string, maxBytes: number, keep: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    mkdirSync(dirname(path), { recursive: true, mode: 0o770 });
    this.#file = this.#open();
  }

  write(line: string): void {
    if (this.#file === null) return;
    const bytes = Buffer.from(line);
    if (this.#maxBytes > 0 && this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate();
    this.#size += writeSync(this.#file, bytes);
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    const file = openSync(this.#path, "a", 0o644);
    const { size, mode } = fstatSync(file);
    if (size === 0 && (mode & 0o777) !== 0o644) fchmodSync(file, 0o644);
    this.#size = size;
    return file;
  }

  #rotate(): void {
    if (this.#file !== null) closeSync(this.#file);
    rmSync(`${this.#path}.${this.#keep}`, { force: true });
    for (let number = this.#keep; number > 0; number--) {
      const older = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      try {
        renameSync(older, `${this.#path}.${number}`);
      } catch {
        // a gap in the row of old files
      }
    }
    if (this.#keep === 0) rmSync(this.#path, { force: true });
    this.#file = this.#open();
  }
}
