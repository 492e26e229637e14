import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defaultHardwareTypes, type Family, type HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { ChangeWatch } from "../sql/change-watch.ts";
import type { HardwareStorage, Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../storage.ts";
import type { Problem } from "./ini-text.ts";
import { NoteFiles } from "./note-files.ts";
import { OutsideChanges } from "./outside-changes.ts";
import { recoverFiles } from "./replace-files.ts";
import { type SavedFile, saveChanges } from "./save-changes.ts";
import { SiteIndex } from "./site-index.ts";
import { classify, placeOf, type SitePaths, subfolders } from "./site-tree.ts";

export interface FileStorageOptions {
  /** The depot that is the config server: the files do not say it. */
  readonly configserverId: string;
  /** The file with the host keys. */
  readonly hostKeys: string;
  /** The classes of the hardware inventory. */
  readonly hardware?: HardwareTypes;
  /** Sees every change. */
  readonly watch?: Pick<ChangeWatch, "attachNotes"> | null;
  /** Is told what cannot be understood in the files. The other objects count. */
  readonly onProblem?: (problem: Problem) => void;
}

/**
 * Objects in the files of the classic File backend (storage 5): a site of opsi 4.2 or older opens as it is. The files
 * are the truth; an index of them answers reads, and is kept up to date when other programs change them.
 *
 *     await using storage = await FileStorage.open("/var/lib/opsi/config", {
 *       configserverId: "opsi.example.org",
 *       hostKeys: "/etc/opsi/pckeys",
 *     });
 */
export class FileStorage implements Storage {
  readonly #paths: SitePaths;
  readonly #index: SiteIndex;
  readonly #outside: OutsideChanges;
  readonly #onProblem: (problem: Problem) => void;
  readonly hardware: HardwareStorage;
  /** Settles when the last one that was alone has finished; the next one waits for it. */
  #lastAlone: Promise<unknown> = Promise.resolve();

  private constructor(paths: SitePaths, index: SiteIndex, onProblem: (problem: Problem) => void) {
    this.#paths = paths;
    this.#index = index;
    this.#onProblem = onProblem;
    this.hardware = this.#hardwareStorage();
    this.#outside = new OutsideChanges(paths, (changed) => this.#look(changed));
  }

  /** Makes what is missing of the tree and finishes what a crash has interrupted. */
  static async open(folder: string, options: FileStorageOptions): Promise<FileStorage> {
    const { configserverId, hostKeys, hardware = defaultHardwareTypes, onProblem = () => {} } = options;
    const notes = new NoteFiles(folder);
    const paths: SitePaths = { folder, hostKeys };
    await createTree(paths);
    const folders = [folder, ...subfolders.map((name) => join(folder, name)), dirname(hostKeys)];
    await recoverFiles(folders, (path) => classify(paths, path) !== null || notes.isNote(path));
    const watch = options.watch?.attachNotes(notes) ?? null;
    const index = await SiteIndex.open(paths, { configserverId, hardware, onProblem, watch });
    return new FileStorage(paths, index, onProblem);
  }

  /** Sees changes of other programs; what cannot be read now is looked at again in the next round. */
  async #look(changed: Iterable<string> | null): Promise<void> {
    try {
      await this.#alone(() => this.#index.refresh(changed));
      this.#lastFailure = "";
    } catch (error) {
      this.#tell(error);
    }
  }

  #lastFailure = "";

  /** Once, not twice a second. */
  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#lastFailure) this.#onProblem({ path: this.#paths.folder, line: 0, message });
    this.#lastFailure = message;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const previous = this.#lastAlone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastAlone = promise;
    await previous;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      let saved: readonly SavedFile[] = [];
      const result = await this.#index.change(work, async (store, note) => {
        const rows = await this.#index.takeChanges();
        if (rows.length > 0) saved = await saveChanges(rows, store, this.#index, this.#paths, note);
      });
      // It is written, whatever happens here: what cannot be read again now is in the next round.
      await this.#index.adopt(saved).catch((error) => this.#tell(error));
      return result;
    });
  }

  #hardwareStorage(): HardwareStorage {
    const index = this.#index.storage.hardware;
    const write = (work: (store: ObjectStore) => Promise<void>) => this.transaction(work);
    return {
      read: (name, query) => index.read(name, query),
      count: (name, query) => index.count(name, query),
      readJson: (name, query, form) => index.readJson(name, query, form),
      write: (name, objects, mode) => write(({ hardware }) => hardware.write(name, objects, mode)),
      remove: (name, objects) => write(({ hardware }) => hardware.remove(name, objects)),
      removeOfHosts: (hostIds) => write(({ hardware }) => hardware.removeOfHosts(hostIds)),
      moveToHost: (hostId, newHostId) => write(({ hardware }) => hardware.moveToHost(hostId, newHostId)),
    };
  }

  get changes(): number {
    return this.#index.storage.changes;
  }

  get doubtful(): readonly string[] {
    return this.#index.doubtful;
  }

  read(family: Family, query?: Query): Promise<OpsiObject[]> {
    return this.#index.storage.read(family, query);
  }

  readJson(family: Family, query: Query, form: "object" | "hash"): Promise<JsonText> {
    return this.#index.storage.readJson(family, query, form);
  }

  readIdents(family: Family, query?: Query): Promise<Record<string, unknown>[]> {
    return this.#index.storage.readIdents(family, query);
  }

  count(family: Family, query?: Query): Promise<number> {
    return this.#index.storage.count(family, query);
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.transaction((store) => store.write(family, objects, mode));
  }

  remove(family: Family, idents: readonly Ident[]): Promise<void> {
    return this.transaction((store) => store.remove(family, idents));
  }

  snapshot(): Snapshot {
    return this.#index.storage.snapshot();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outside[Symbol.asyncDispose]();
    await this.#lastAlone;
    await this.#index[Symbol.asyncDispose]();
  }
}

/** What the original makes of a new site, with its rights. (storage 5.1) */
async function createTree(paths: SitePaths): Promise<void> {
  const made: unknown[] = [];
  for (const name of subfolders) {
    made.push(await mkdir(join(paths.folder, name), { recursive: true, mode: 0o770 }));
  }
  // Of a site that is there something is lost when one of the files is: that is not hidden.
  if (made.includes(undefined)) return;
  await mkdir(dirname(paths.hostKeys), { recursive: true, mode: 0o770 });
  const empty = (["configs", "hostGroups", "productGroups", "hostKeys"] as const).map(
    (kind) => placeOf(paths, kind).path,
  );
  for (const path of [...empty, join(paths.folder, "templates", "pcproto.ini")]) {
    const file = await open(path, "a", 0o660);
    await file.close();
  }
}
