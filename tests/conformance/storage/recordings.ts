import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Corpus, openCorpus } from "../open-corpus.ts";
import type { RecordedObjects } from "./recorded-objects.ts";

/** Sites that other recordings rest on, and where the recordings have them. */
const sites = {
  site: "mysql-4.3/site.json.gz",
  small: "backup/small-objects.json.gz",
} as const;
export type SiteName = keyof typeof sites;

/** A folder of recordings. It may be a part of them: what they rest on and do not bring is that of the project. */
export class Recordings implements AsyncDisposable {
  readonly #folder: string;
  #own: Promise<Corpus> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a file or folder, null where it is not among the recordings. */
  async find(...parts: readonly string[]): Promise<string | null> {
    const path = join(this.#folder, ...parts);
    return (await isThere(path)) ? path : null;
  }

  /** The same for something that must be there, here or in the project. */
  async need(...parts: readonly string[]): Promise<string> {
    const found = await this.find(...parts);
    if (found !== null) return found;
    this.#own ??= openCorpus("storage");
    return join((await this.#own).directory, ...parts);
  }

  async site(name: SiteName): Promise<RecordedObjects> {
    return readJson(await this.need(sites[name]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#own)?.[Symbol.asyncDispose]();
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** A file, unpacked where its name ends with `.gz`. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  return String(path.endsWith(".gz") ? await promisify(gunzip)(bytes) : bytes);
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readText(path)) as T;
}
