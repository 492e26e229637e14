import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type OlderName, setAside } from "./set-aside.ts";

export interface LogFileSettings {
  readonly path: string;
  /** Permissions of the file, and of its folder if it is missing. */
  readonly mode: number;
  readonly folderMode: number;
  /** 0 = never rotate */
  readonly maxBytes: number;
  /** How many old files stay. */
  readonly keep: number;
  readonly olderName: OlderName;
  /** Set aside what is there already. */
  readonly rotateAtStart?: boolean;
}

/**
 * A log file that is set aside when it has grown too large; where that is impossible it grows on. Every line is with the
 * system when `write` returns, so that the last words of a dying process are not lost. A line that `write` throws for
 * (full disk, too many open files) is lost, the next one is tried again.
 */
export class RotatingFile implements Disposable {
  readonly #settings: LogFileSettings;
  #file: number | null;
  #size = 0;
  #disposed = false;

  constructor(settings: LogFileSettings) {
    this.#settings = settings;
    mkdirSync(dirname(settings.path), { recursive: true, mode: settings.folderMode });
    this.#file = this.#open();
    if (settings.rotateAtStart === true && this.#size > 0) this.#rotate();
  }

  write(line: string): void {
    if (this.#disposed) return;
    const { maxBytes } = this.#settings;
    const bytes = Buffer.from(line);
    if (maxBytes > 0 && this.#size > 0 && this.#size + bytes.length > maxBytes) this.#rotate();
    this.#file ??= this.#open();
    this.#size += writeSync(this.#file, bytes);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#close();
  }

  #close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #open(): number {
    const { path, mode } = this.#settings;
    const file = openSync(path, "a", mode);
    const stat = fstatSync(file);
    // The umask must not take rights away from a file that we have made.
    if (stat.size === 0 && (stat.mode & 0o777) !== mode) fchmodSync(file, mode);
    this.#size = stat.size;
    return file;
  }

  #rotate(): void {
    const { path, keep, olderName } = this.#settings;
    this.#close(); // an open file cannot be renamed on Windows; its number is not ours any more
    let isAside = true;
    try {
      setAside(path, keep, olderName);
    } catch {
      isAside = false;
    }
    this.#file = this.#open();
    if (!isAside) this.#size = 0; // goes on in the same file, and tries again when as much was written
  }
}
