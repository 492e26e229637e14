import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type HardwareTypes, identString, isOpsiError, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { DatabaseWatch, NotedTransaction, NotesWatch } from "../sql/change-watch.ts";
import { SqliteStorage } from "../sql/sqlite/sqlite-storage.ts";
import type { ObjectStore } from "../storage.ts";
import { Turn } from "../turn.ts";
import type { Contents } from "./contents.ts";
import type { Surroundings } from "./file-format.ts";
import { lockFiles } from "./file-locks.ts";
import { makeIndexFolder } from "./index-folder.ts";
import { type ChangedRow, IndexRows, takeChanges } from "./index-rows.ts";
import type { Problem } from "./ini-text.ts";
import {
  type FoundFile,
  ownerOf,
  productIn,
  readHostKeys,
  readSite,
  readSiteFile,
  stampOf,
  twin,
  withHost,
} from "./read-site.ts";
import type { SavedFile } from "./save-changes.ts";
import {
  classify,
  type FileKind,
  listFiles,
  type ProductIdent,
  placeOf,
  type SiteFile,
  type SitePaths,
} from "./site-tree.ts";

/** A file whose objects are in the index. */
interface KnownFile {
  readonly file: SiteFile;
  readonly stamp: string | null;
  readonly product: ProductIdent | null;
  /** It is not understood, or does not count beside another one. */
  readonly unreadable: boolean;
  /** It holds more than is understood. */
  readonly doubtful: boolean;
}

/** Files per transaction of the first load: with many more, its end would keep others waiting. */
const filesAtOnce = 50;

/**
 * All objects of a site's files in a database that lives as long as the process: so filters, cascades and rights are
 * those of the other backends. The files are the truth; what is read here comes from them. Calls must not overlap.
 */
export class SiteIndex implements AsyncDisposable {
  readonly storage: SqliteStorage;
  readonly #paths: SitePaths;
  readonly #folder: string;
  readonly #rows: IndexRows;
  readonly #watch: NotesWatch | null;
  /** The transaction of `change` that is under way; what comes from the files is nobody's change here. */
  #noted: NotedTransaction | null = null;
  readonly #hardware: HardwareTypes;
  readonly #configserverId: string;
  readonly #onProblem: (problem: Problem) => void;
  readonly #known = new Map<string, KnownFile>();
  /** The file of a host or product, by what `placeKey` makes of it. */
  readonly #places = new Map<string, string>();
  #keys = new Map<string, string>();

  private constructor(paths: SitePaths, folder: string, storage: SqliteStorage, options: SiteIndexOptions) {
    this.#watch = options.watch;
    this.#paths = paths;
    this.#folder = folder;
    this.storage = storage;
    this.#rows = new IndexRows(join(folder, "index.sqlite"));
    this.#hardware = options.hardware;
    this.#configserverId = options.configserverId;
    this.#onProblem = options.onProblem;
  }

  /** Reads all files of a site. */
  static async open(paths: SitePaths, options: SiteIndexOptions): Promise<SiteIndex> {
    const folder = await makeIndexFolder();
    let index: SiteIndex | null = null;
    const watch: DatabaseWatch = { begin: () => index?.watchedTransaction() ?? null, committed: () => {} };
    const attach = async () => watch;
    const storage = await SqliteStorage.open(join(folder, "index.sqlite"), options.hardware, { attach });
    index = new SiteIndex(paths, folder, storage, options);
    try {
      await index.#load();
    } catch (error) {
      await index[Symbol.asyncDispose]();
      throw error;
    }
    return index;
  }

  watchedTransaction() {
    const noted = this.#noted;
    return noted && { tell: noted.tell, finish: async () => {} };
  }

  /**
   * A transaction of the index.
   *
   * @param save brings what it changed into the files. It gets a text that is to be kept with them, if there is one
   */
  async change<T>(
    work: (store: ObjectStore) => Promise<T>,
    save: (store: ObjectStore, note: string | null) => Promise<void>,
  ): Promise<T> {
    this.#noted = this.#watch?.begin() ?? null;
    try {
      let note: string | null = null;
      const result = await this.storage.transaction(work, (store) => {
        note = this.#noted?.note() ?? null;
        return save(store, note);
      });
      if (note !== null) this.#watch?.committed();
      return result;
    } finally {
      this.#noted = null;
    }
  }

  get surroundings(): Surroundings {
    return { hardware: this.#hardware, configserverId: this.#configserverId, keys: this.#keys };
  }

  async #load(): Promise<void> {
    await this.#readKeys();
    const hardware: Contents[] = [];
    let batch: FoundFile[] = [];
    const add = async () => {
      await this.#rows.transaction(() => this.#addRows(batch));
      batch = [];
    };
    for await (const found of readSite(this.#paths, this.surroundings)) {
      this.#note(found);
      if (isHardware(found.file.kind)) hardware.push(found.contents);
      else batch.push(found);
      if (batch.length >= filesAtOnce) await add();
    }
    await add();
    await this.#addHardware(hardware.flatMap(({ objects }) => objects));
    await this.#rows.watch(this.#hardware);
  }

  async #readKeys(): Promise<void> {
    const path = this.#paths.hostKeys;
    const { keys, problems, stamp } = await readHostKeys(path);
    for (const problem of problems) this.#onProblem(problem);
    this.#keys = keys;
    this.#noteKeys(stamp);
  }

  #noteKeys(stamp: string | null): void {
    const file = placeOf(this.#paths, "hostKeys");
    this.#known.set(file.path, { file, stamp, product: null, unreadable: false, doubtful: false });
  }

  async #addRows(files: readonly FoundFile[]): Promise<void> {
    const turn = new Turn();
    for (const { file, contents } of files) {
      for (const object of contents.objects) {
        this.#add(file, object);
        if (turn.isOver) await turn.pass();
      }
    }
  }

  #add({ path }: SiteFile, object: OpsiObject): void {
    try {
      this.#rows.add(object);
    } catch (error) {
      if (!isOpsiError(error)) throw error;
      const message = `${object.type} '${identString(object)}' is there already, this one does not count`;
      this.#onProblem({ path, line: 0, message });
    }
  }

  /** Models first: so each piece finds its own. */
  async #addHardware(objects: readonly OpsiObject[]): Promise<void> {
    for (const name of ["AuditHardware", "AuditHardwareOnHost"] as const) {
      const ofType = objects.filter(({ type, hardwareClass }) => {
        return type === name && this.#hardware.values(String(hardwareClass)) !== null;
      });
      if (ofType.length > 0) await this.storage.hardware.write(name, ofType, "restore");
    }
  }

  #note(found: FoundFile): void {
    const { file, contents, stamp, unreadable, doubtful } = found;
    for (const problem of contents.problems) this.#onProblem(problem);
    const before = this.#known.get(file.path);
    const product = unreadable ? (before?.product ?? null) : productOf(contents);
    if (before) this.#forget(file);
    if (stamp === null) return;
    this.#known.set(file.path, { file, stamp, product, unreadable, doubtful });
    const key = placeKey(file.kind, product ?? file.hostId);
    const isTaken = this.#places.has(key) || (ownerOf(found) === file.hostId && this.#hasHost(file.hostId));
    if (!unreadable || !isTaken) this.#places.set(key, file.path);
  }

  /** The file of a host, of a product, or of the whole site. */
  find(kind: FileKind, owner: string | ProductIdent = ""): SiteFile | null {
    return this.#known.get(this.#places.get(placeKey(kind, owner)) ?? "")?.file ?? null;
  }

  /** Files that may hold more objects to which others refer. */
  get doubtful(): string[] {
    const files = [...this.#known.values()].filter(({ file, doubtful }) => doubtful && !unreferred.has(file.kind));
    return files.map(({ file }) => file.path);
  }

  /** Whether a file is as it was when it came into the index. */
  isCurrent(path: string, stamp: string | null): boolean {
    return (this.#known.get(path)?.stamp ?? null) === stamp;
  }

  /** What the transaction that is under way has changed in the index since the last call. */
  takeChanges(): Promise<ChangedRow[]> {
    return takeChanges(this.storage.writer);
  }

  /** Takes over what was written to the files, after the transaction was committed. */
  async adopt(saved: readonly SavedFile[]): Promise<void> {
    for (const { file, product, stamp, holdsMore } of saved) {
      if (holdsMore) continue;
      const before = this.#known.get(file.path);
      const known = product ?? before?.product ?? null;
      const doubtful = before?.doubtful ?? false;
      this.#forget(file);
      if (stamp !== null) this.#remember({ file, stamp, product: known, unreadable: false, doubtful });
    }
    await this.reload(saved.filter(({ holdsMore }) => holdsMore).map(({ file }) => file));
  }

  #remember(known: KnownFile): void {
    this.#known.set(known.file.path, known);
    this.#places.set(placeKey(known.file.kind, known.product ?? known.file.hostId), known.file.path);
  }

  #forget({ path, kind, hostId }: SiteFile): void {
    const product = this.#known.get(path)?.product;
    this.#known.delete(path);
    const key = placeKey(kind, product ?? hostId);
    if (this.#places.get(key) === path) this.#places.delete(key);
  }

  /** Reads the files again that changed; null looks at all. */
  async refresh(paths: Iterable<string> | null): Promise<void> {
    const candidates = new Set(paths ?? this.#known.keys());
    if (paths === null) for (const { path } of await listFiles(this.#paths)) candidates.add(path);
    const changed: SiteFile[] = [];
    const turn = new Turn();
    for (const path of candidates) {
      const file = this.#known.get(path)?.file ?? classify(this.#paths, path);
      if (file && !this.isCurrent(path, stampOf(path))) changed.push(file);
      if (turn.isOver) await turn.pass();
    }
    if (changed.length === 0) return;
    // The original's programs write in place: half a file can be seen without a lock.
    await using _locks = await lockFiles(
      changed.map(({ path }) => path),
      "shared",
    );
    await this.reload(changed);
  }

  /** Puts into the index what the files hold, and nothing where there is no file. */
  async reload(files: readonly SiteFile[]): Promise<void> {
    try {
      if (files.some(({ kind }) => kind === "hostKeys")) await this.#reloadKeys();
      await this.#reloadFiles(files.filter(({ kind }) => kind !== "hostKeys"));
      // What did not count beside a file that is gone does now.
      if (files.some(({ path }) => !this.#known.has(path))) {
        const unread = [...this.#known.values()].filter(({ unreadable }) => unreadable);
        await this.#reloadFiles(unread.map(({ file }) => file));
      }
    } finally {
      this.#rows.forgetChanges(); // they come from the files
    }
  }

  async #reloadFiles(files: readonly SiteFile[]): Promise<void> {
    for (const file of files) {
      const wasThere = this.#hasHost(file.hostId);
      await this.#reloadFile(file);
      // Its software counts while there is the client.
      const software = this.find("clientSoftware", file.hostId);
      if (software && wasThere !== this.#hasHost(file.hostId)) await this.#reloadFile(software);
    }
  }

  #hasHost(hostId: string): boolean {
    return (this.find("depot", hostId) ?? this.find("client", hostId)) !== null;
  }

  /** The keys that we have still count where the file cannot be understood. */
  async #reloadKeys(): Promise<void> {
    const before = this.#keys;
    try {
      await this.#readKeys();
    } catch (error) {
      if (!isOpsiError(error)) throw error;
      const path = this.#paths.hostKeys;
      this.#onProblem({ path, line: 0, message: error.message });
      this.#noteKeys(stampOf(path));
    }
    const changed = [...new Set([...before.keys(), ...this.#keys.keys()])].filter(
      (hostId) => before.get(hostId) !== this.#keys.get(hostId),
    );
    await this.#rows.transaction(() => {
      for (const hostId of changed) this.#rows.setHostKey(hostId, this.#keys.get(hostId) ?? null);
    });
  }

  async #reloadFile(file: SiteFile): Promise<void> {
    const read = this.#withoutTwin(await readSiteFile(file, this.surroundings));
    if (read.stamp === null) this.#checkTree();
    const found = withHost(read, (hostId) => this.#hasHost(hostId));
    const product = this.#known.get(file.path)?.product ?? null;
    this.#note(found);
    if (found.unreadable) return; // what we knew of it still counts
    if (isHardware(file.kind)) {
      const { objects } = found.contents;
      if (file.kind === "hostHardware") await this.storage.hardware.removeOfHosts([file.hostId]);
      await this.#addHardware(file.kind === "hardware" ? await this.#newDevices(objects) : objects);
      return;
    }
    await this.#rows.transaction(async () => {
      this.#rows.clear(file, product);
      await this.#addRows([found]);
    });
  }

  /**
   * Those that the index does not have yet. Devices that are gone from the file stay until the next start: hosts may
   * have pieces of them.
   */
  async #newDevices(objects: readonly OpsiObject[]): Promise<OpsiObject[]> {
    const known = await this.storage.hardware.read("AuditHardware");
    const idents = new Set(known.map((device) => identString(this.#hardware.fromHash("AuditHardware", device))));
    return objects.filter((device) => !idents.has(identString(device)));
  }

  /** A file system that is not mounted would look like a site without hosts. */
  #checkTree(): void {
    if (existsSync(join(this.#paths.folder, "clients"))) return;
    throw new OpsiError("BackendIOError", `${this.#paths.folder} is gone, what was read before still counts`);
  }

  #withoutTwin(found: FoundFile): FoundFile {
    const owner = ownerOf(found);
    if (owner === null || found.stamp === null) return found;
    const product = productOf(found.contents);
    const { hostId, path } = found.file;
    const other = product ? this.find("product", product) : (this.find("depot", hostId) ?? this.find("client", hostId));
    return other && other.path !== path ? twin(found, owner) : found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#rows[Symbol.dispose]();
    await this.storage[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface SiteIndexOptions {
  readonly hardware: HardwareTypes;
  readonly configserverId: string;
  /** Makes a text of each change, which is kept with the files. */
  readonly watch: NotesWatch | null;
  readonly onProblem: (problem: Problem) => void;
}

/** Nothing refers to what is in these files. */
const unreferred: ReadonlySet<FileKind> = new Set(["clientSoftware", "hardware", "hostHardware"]);

const isHardware = (kind: FileKind) => kind === "hardware" || kind === "hostHardware";

function placeKey(kind: FileKind, owner: string | ProductIdent): string {
  if (typeof owner === "string") return `${kind} ${owner}`;
  return `${kind} ${owner.productId};${owner.productVersion};${owner.packageVersion}`;
}

/** The file's name may say something else. */
function productOf(contents: Contents): ProductIdent | null {
  const product = productIn(contents);
  return product ? productIdent(product, "id") : null;
}

/** @param name the attribute with the product's id */
export function productIdent(ident: Readonly<Record<string, unknown>>, name: "id" | "productId"): ProductIdent {
  return {
    productId: String(ident[name]),
    productVersion: String(ident["productVersion"]),
    packageVersion: String(ident["packageVersion"]),
  };
}
