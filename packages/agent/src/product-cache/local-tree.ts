import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { writeDurably } from "../state/durable-file.ts";

export interface LocalEntry {
  readonly kind: "directory" | "file" | "link";
  readonly size: number;
  /** Changes whenever the content may have changed: time, number and size of the file. */
  readonly stamp: string;
}

/** All that lies below a folder, links not followed, keyed by path with `/`. Empty if there is no such folder. */
export async function readLocalTree(folder: string): Promise<Map<string, LocalEntry>> {
  const entries = new Map<string, LocalEntry>();
  const pending = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const names = await readdir(join(folder, path)).catch((error: unknown) => {
      if (path === "" && error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    });
    for (const name of names) {
      const child = path === "" ? name : `${path}/${name}`;
      const found = await lstat(join(folder, child));
      const kind = found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "file";
      entries.set(child, {
        kind,
        size: found.size,
        stamp: `${found.ino}-${found.size}-${found.mtimeMs}-${found.ctimeMs}`,
      });
      if (kind === "directory") pending.push(child);
    }
  }
  return entries;
}

export async function md5Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest("hex");
}

/** Sums that were computed before, so that an unchanged product is not read again at every event. */
export class KnownSums {
  readonly #path: string;
  readonly #sums: Map<string, { stamp: string; md5: string }>;

  private constructor(path: string, sums: Map<string, { stamp: string; md5: string }>) {
    this.#path = path;
    this.#sums = sums;
  }

  static async open(path: string): Promise<KnownSums> {
    const text = await readFile(path, "utf8").catch(() => "[]");
    try {
      return new KnownSums(path, new Map(JSON.parse(text)));
    } catch {
      return new KnownSums(path, new Map()); // costs time, nothing else
    }
  }

  async md5(folder: string, path: string, { stamp }: LocalEntry, signal: AbortSignal): Promise<string> {
    const known = this.#sums.get(path);
    if (known?.stamp === stamp) return known.md5;
    const md5 = await md5Of(join(folder, path), signal);
    this.#sums.set(path, { stamp, md5 });
    return md5;
  }

  /** The sum of a file that was read anyway when it was fetched. */
  learn(path: string, here: LocalEntry | undefined, md5: string): void {
    if (here !== undefined) this.#sums.set(path, { stamp: here.stamp, md5 });
  }

  async save(current: ReadonlyMap<string, LocalEntry>): Promise<void> {
    for (const [path, { stamp }] of this.#sums) if (current.get(path)?.stamp !== stamp) this.#sums.delete(path);
    await writeDurably(this.#path, JSON.stringify([...this.#sums]));
  }
}
