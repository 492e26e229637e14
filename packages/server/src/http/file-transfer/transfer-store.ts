import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../auth/refusal.ts";
import { writeFileAtomically } from "../../configuration/atomic-file.ts";

export interface TransferredFile {
  readonly id: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
}

/** What the service notes beside a file. */
interface Meta {
  readonly username: string;
  /** milliseconds since the epoch */
  readonly expires: number;
}

const validity = 24 * 3_600_000;
/** What a file counts at least: names fill a disk too. */
const leastBytes = 64 * 1024;
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
  /** What users have here, by id; of an earlier process what the clean-up found. */
  readonly #held = new Map<string, Map<string, { bytes: number; readonly until: number }>>();

  constructor(folder: string, now: () => number = Date.now) {
    this.#folder = folder;
    this.#now = now;
  }

  /**
   * Stores what comes.
   *
   * @param limit bytes that the files of this user may have together
   * @returns the id
   * @throws Refusal 413
   */
  async store(
    source: AsyncIterable<Uint8Array>,
    about: { readonly fileName: string | null; readonly contentType: string | null; readonly username: string },
    limit = Number.POSITIVE_INFINITY,
  ): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o770 });
    const id = randomUUID();
    const path = join(this.#folder, id);
    const held = { bytes: leastBytes, until: this.#now() + validity };
    this.#hold(about.username, id, held);
    const check = () => {
      if (this.#bytesOf(about.username) > limit) throw tooMuch(about.username, limit);
    };
    try {
      check();
      {
        await using file = await open(`${path}.part`, "wx", 0o660);
        let size = 0;
        for await (const piece of source) {
          size += piece.length;
          held.bytes = Math.max(size, leastBytes);
          check();
          await file.writeFile(piece);
        }
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
      this.#letGo(id);
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
    return isTransferId(id) && !this.#leaving.has(id.toLowerCase()) ? this.#read(id) : null;
  }

  async #read(id: string): Promise<(TransferredFile & Meta) | null> {
    const path = join(this.#folder, id.toLowerCase());
    try {
      const meta = JSON.parse(await readFile(`${path}.meta`, "utf8")) as Record<string, unknown>;
      const expires = Number(meta["expires"]) * 1000;
      if (expires <= this.#now()) return null;
      const { size, mtime } = await stat(path);
      const text = (name: string) => (typeof meta[name] === "string" ? meta[name] : null);
      const about = { fileName: text("filename"), contentType: text("content_type"), username: text("username") ?? "" };
      return { id, ...about, path, size, modified: mtime, expires };
    } catch {
      return null; // never there, half removed or broken: for the caller the same
    }
  }

  async remove(id: string): Promise<void> {
    if (!isTransferId(id)) return;
    const path = join(this.#folder, id.toLowerCase());
    await rm(path, { force: true });
    await rm(`${path}.meta`, { force: true });
    this.#letGo(id.toLowerCase());
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
      const file = name.endsWith(".part") ? null : await this.#read(id);
      if (file !== null) {
        this.#hold(file.username, id, { bytes: Math.max(file.size, leastBytes), until: file.expires });
      } else if (age > (name.endsWith(".part") ? validity : 60_000)) {
        await rm(join(this.#folder, name), { force: true });
      }
    }
    for (const files of this.#held.values()) {
      for (const [id, { until }] of files) if (until <= this.#now()) this.#letGo(id);
    }
  }

  #hold(username: string, id: string, what: { bytes: number; readonly until: number }): void {
    const files = this.#held.get(username);
    if (files === undefined) this.#held.set(username, new Map([[id, what]]));
    else files.set(id, what);
  }

  #letGo(id: string): void {
    for (const [username, files] of this.#held) {
      if (files.delete(id) && files.size === 0) this.#held.delete(username);
    }
  }

  #bytesOf(username: string): number {
    return (
      this.#held
        .get(username)
        ?.values()
        .reduce((sum, { bytes }) => sum + bytes, 0) ?? 0
    );
  }
}

function tooMuch(username: string, limit: number): Refusal {
  const megabytes = Math.floor(limit / 1_000_000);
  const text = `The files of '${username}' in /file-transfer are larger than ${megabytes} MB (option max-file-transfer-size)`;
  return new Refusal(413, text, { class: "ValueError" });
}
