import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { NoteStore } from "../sql/change-watch.ts";

const noteName = /^\.opsi-ts-note-\d{15}-[0-9a-f]{12}$/;

/** Later ones stand behind earlier ones. */
export const newNotePath = (folder: string) =>
  join(folder, `.opsi-ts-note-${String(Date.now()).padStart(15, "0")}-${randomBytes(6).toString("hex")}`);

/** Texts that were written together with changes of files, each in a file of its own. */
export class NoteFiles implements NoteStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  isNote(path: string): boolean {
    return dirname(path) === this.#folder && noteName.test(basename(path));
  }

  async list(): Promise<readonly { id: string; text: string }[]> {
    const names = (await readdir(this.#folder)).filter((name) => noteName.test(name)).sort();
    const found = [];
    for (const id of names.slice(0, 20)) found.push({ id, text: await readFile(join(this.#folder, id), "utf8") });
    return found;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await rm(join(this.#folder, id), { force: true });
  }
}
