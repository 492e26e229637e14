import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import { type SitePaths, subfolders } from "./site-tree.ts";

/** Editors write in several steps; we look when they have finished. */
const settleMilliseconds = 50;
const pauseMilliseconds = 500;
/** Looking at all files takes at most one part in this many of the time. */
const share = 10;

/**
 * Notices changes of the files by other programs. The system's notifications come at once, but get lost on network
 * file systems and under load: so all files are looked at twice a second, too, more rarely where that takes long.
 */
export class OutsideChanges implements AsyncDisposable {
  readonly #look: (paths: Iterable<string> | null) => Promise<void>;
  readonly #watchers: FSWatcher[] = [];
  readonly #noticed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #nextRound = 0;
  #closed = false;

  /** @param look is told which files may have changed, null for any; calls do not overlap, and failures are its own */
  constructor(paths: SitePaths, look: (paths: Iterable<string> | null) => Promise<void>) {
    this.#look = look;
    const folders = [paths.folder, ...subfolders.map((name) => join(paths.folder, name)), dirname(paths.hostKeys)];
    for (const folder of new Set(folders)) this.#watch(folder);
    this.#schedule();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null) return;
        this.#noticed.add(join(folder, name));
        if (this.#noticed.size === 1) this.#schedule();
      });
      watcher.on("error", () => watcher.close()); // the regular round remains
      this.#watchers.push(watcher);
    } catch {
      // too many watches in the system, or none on this file system: the regular round remains
    }
  }

  #schedule(): void {
    if (this.#closed || this.#running) return;
    clearTimeout(this.#timer);
    const untilRound = Math.max(0, this.#nextRound - performance.now());
    const wait = this.#noticed.size > 0 ? Math.min(settleMilliseconds, untilRound) : untilRound;
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        this.#running = null;
        this.#schedule();
      });
    }, wait).unref();
  }

  async #run(): Promise<void> {
    const started = performance.now();
    const noticed = [...this.#noticed];
    this.#noticed.clear();
    if (started < this.#nextRound) return await this.#look(noticed);
    await this.#look(null);
    const now = performance.now();
    this.#nextRound = now + Math.max(pauseMilliseconds, (now - started) * share);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    await this.#running;
  }
}
