import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The agent's log file. When it is full it is set aside as `<name>_0.log`, the older ones move on to `_1`, `_2`, …
 * (agent §1.6). Every line is with the system when `write` returns, so that the last words of a dying agent stay.
 */
export class LogFile implements Disposable {
  readonly path: string;
  readonly #maximumBytes: number;
  readonly #keep: number;
  #file: number | null;
  #size = 0;

  /**
   * @param rotate set an existing file aside: what the agent does at every start, except when the old file holds
   *   lines that the service has not got yet
   */
  constructor(path: string, maximumBytes: number, keep: number, rotate: boolean) {
    this.path = path;
    this.#maximumBytes = maximumBytes;
    this.#keep = keep;
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    this.#file = this.#open();
    if (rotate && this.#size > 0) this.#rotate();
  }

  write(line: string): void {
    if (this.#file === null) return;
    const bytes = Buffer.from(line);
    if (this.#maximumBytes > 0 && this.#size > 0 && this.#size + bytes.length > this.#maximumBytes) this.#rotate();
    this.#size += writeSync(this.#file, bytes);
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    const file = openSync(this.path, "a", 0o600);
    this.#size = fstatSync(file).size;
    return file;
  }

  #rotate(): void {
    if (this.#file !== null) closeSync(this.#file);
    const aside = (number: number) => this.path.replace(/(\.log)?$/, `_${number}$1`);
    rmSync(aside(this.#keep - 1), { force: true });
    for (let number = this.#keep - 1; number >= 0; number--) {
      try {
        renameSync(number === 0 ? this.path : aside(number - 1), aside(number));
      } catch {
        // a gap in the row of old files
      }
    }
    if (this.#keep <= 0) rmSync(this.path, { force: true });
    this.#file = this.#open();
  }
}
