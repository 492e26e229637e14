import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { OpsiError } from "@opsi-ts/model";
import { syncFolder } from "@opsi-ts/protocol";
import type { StorageName } from "../dispatch.ts";
import type { Change } from "./change.ts";

/** A change and where it is made. */
export interface JournalEntry {
  readonly storage: StorageName;
  readonly change: Change;
}

/** Changes with more objects than this wait in the file, not in memory. */
const objectsInMemory = 5_000;
/** Objects in one line: what is made JSON in one go. */
const objectsPerLine = 500;

/**
 * What a transaction changes in which storage. When it is decided, which is before the first storage commits, it is in
 * a file: whatever happens then, `readJournal` has what is left to be done.
 */
export class Journal {
  readonly #path: string;
  #entries: JournalEntry[] = [];
  #size = 0;
  #file: FileHandle | null = null;
  #isDecided = false;
  readonly #touched = new Set<StorageName>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The storages that are changed. */
  get touched(): ReadonlySet<StorageName> {
    return this.#touched;
  }

  async add(entry: JournalEntry): Promise<void> {
    this.#touched.add(entry.storage);
    this.#entries.push(entry);
    this.#size += sizeOf(entry.change);
    if (this.#size > objectsInMemory) await this.#flush();
  }

  get #unfinished(): string {
    return `${this.#path}.unfinished`;
  }

  async #flush(): Promise<FileHandle> {
    this.#file ??= await open(this.#unfinished, "w", 0o600);
    for (const entry of this.#entries) for (const line of linesOf(entry)) await this.#file.appendFile(`${line}\n`);
    this.#entries = [];
    this.#size = 0;
    return this.#file;
  }

  /** Several storages are all changed from here on. One commits by itself: that needs no journal. */
  async decide(): Promise<void> {
    if (this.#touched.size < 2) return;
    const file = await this.#flush();
    await file.sync();
    await this.#close();
    await rename(this.#unfinished, this.#path);
    this.#isDecided = true;
    await syncFolder(dirname(this.#path));
  }

  async #close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  /** Everything is done, or nothing. */
  async discard(): Promise<void> {
    if (this.#isDecided) return discardJournal(this.#path);
    if (this.#file === null) return;
    await this.#close();
    await rm(this.#unfinished, { force: true });
  }
}

function sizeOf(change: Change): number {
  if ("objects" in change) return change.objects.length;
  return "idents" in change ? change.idents.length : 1;
}

function* linesOf({ storage, change }: JournalEntry): Iterable<string> {
  for (let start = 0; start < sizeOf(change); start += objectsPerLine) {
    yield lineOf({ storage, change: part(change, start, start + objectsPerLine) });
  }
}

/** Readline ends a line at separators, too, which may stand in JSON as they are. */
const lineOf = (entry: JournalEntry) =>
  JSON.stringify(entry).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

function part(change: Change, start: number, end: number): Change {
  if ("objects" in change) return { ...change, objects: change.objects.slice(start, end) };
  return "idents" in change ? { ...change, idents: change.idents.slice(start, end) } : change;
}

export const hasJournal = (path: string): boolean => existsSync(path);

export const discardJournal = (path: string): Promise<void> => rm(path, { force: true });

/**
 * The entries of a journal in their order.
 *
 * @throws BackendIOError for a line that is none
 */
export async function* readJournal(path: string): AsyncIterable<JournalEntry> {
  const input = createReadStream(path);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield entryOf(line, path);
  } finally {
    input.destroy(); // readline leaves it open for who does not read to the end
  }
}

function entryOf(line: string, path: string): JournalEntry {
  try {
    return JSON.parse(line) as JournalEntry; // we have written it, and nobody else may
  } catch (cause) {
    throw new OpsiError("BackendIOError", `${path} is no journal`, { field: path, cause });
  }
}
