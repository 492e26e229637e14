import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../configuration/atomic-file.ts";

export interface TransferredFile {
  readonly id: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
}

const validity = 24 * 3_600_000;
const idExpression = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Is this how files are called here? */
export const isTransferId = (id: string) => idExpression.test(id.toLowerCase());

/**
 * Files that are handed from one request to another: an upload gives an id, whoever knows it fetches the file within
 * 24 hours. Beside each file lies `<id>.meta`; an upload that broke off leaves nothing. (service 4.4)
 */
export class TransferStore {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #leaving = new Set<string>();

  constructor(folder: string, now: () => number = Date.now) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Stores what comes. @returns the id */
  async store(
    source: AsyncIterable<Uint8Array>,
    about: { readonly fileName: string | null; readonly contentType: string | null; readonly username: string },
  ): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o770 });
    const id = randomUUID();
    const path = join(this.#folder, id);
    try {
      {
        await using file = await open(`${path}.part`, "wx", 0o660);
        for await (const piece of source) await file.writeFile(piece);
        await file.sync();
      }
      const created = this.#now();
      const meta = {
        file_id: id,
        created: created / 1000,
        expires: (created + validity) / 1000,
        filename: about.fileName,
        content_type: about.contentType,
        username: about.username,
      };
      writeFileAtomically(`${path}.meta`, `${JSON.stringify(meta)}\n`);
      await rename(`${path}.part`, path);
      return id;
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      await rm(`${path}.meta`, { force: true });
      throw error;
    }
  }

  /**
   * Hands a file over for the last time: from the start of `send` nobody else gets it, and if all went well it is
   * removed. If not, it is there again.
   */
  async handOver(id: string, send: () => Promise<void>): Promise<void> {
    this.#leaving.add(id.toLowerCase());
    try {
      await send();
      await this.remove(id);
    } finally {
      this.#leaving.delete(id.toLowerCase());
    }
  }

  /** null if there is no such file or its time is over. */
  async find(id: string): Promise<TransferredFile | null> {
    if (!isTransferId(id) || this.#leaving.has(id.toLowerCase())) return null;
    const path = join(this.#folder, id.toLowerCase());
    try {
      const meta = JSON.parse(await readFile(`${path}.meta`, "utf8")) as Record<string, unknown>;
      if (Number(meta["expires"]) * 1000 <= this.#now()) return null;
      const { size, mtime } = await stat(path);
      const text = (name: string) => (typeof meta[name] === "string" ? meta[name] : null);
      return { id, fileName: text("filename"), contentType: text("content_type"), path, size, modified: mtime };
    } catch {
      return null; // never there, half removed or broken: for the caller the same
    }
  }

  async remove(id: string): Promise<void> {
    if (!isTransferId(id)) return;
    const path = join(this.#folder, id.toLowerCase());
    await rm(path, { force: true });
    await rm(`${path}.meta`, { force: true });
  }

  /** Removes what is over, and the rests of uploads that broke off with the process. */
  async cleanUp(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      const id = name.replace(/\.(meta|part)$/, "");
      if (!isTransferId(id)) continue;
      const stats = await stat(join(this.#folder, name)).catch(() => null);
      if (stats === null) continue; // just fetched and removed
      const age = this.#now() - stats.mtimeMs;
      if (name.endsWith(".part") ? age > validity : (await this.find(id)) === null && age > 60_000) {
        await rm(join(this.#folder, name), { force: true });
      }
    }
  }
}
