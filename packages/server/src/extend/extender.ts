import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { Method } from "../methods/declare.ts";
import type { Extension } from "../methods/service/service-control.ts";
import { type ExtensionFile, listExtensions } from "./extension-files.ts";
import { extensionMethod } from "./extension-method.ts";
import { ExtensionThread } from "./extension-thread.ts";
import { type Declaration, readDeclaration } from "./read-declaration.ts";
import { ThreadPool } from "./thread-pool.ts";

export interface ExtenderOptions {
  readonly folder: string;
  /** The methods of the service itself. */
  readonly builtIn: ReadonlyMap<string, Method>;
  readonly log: Pick<Log, "error" | "warning" | "notice" | "info">;
  /** Between looks at the folder; 2 s if nothing is said. */
  readonly intervalMilliseconds?: number;
}

/** A version of a file that could be loaded. */
interface Loaded {
  readonly declarations: readonly Declaration[];
  readonly pool: ThreadPool;
}

interface Known {
  readonly file: ExtensionFile;
  /** The last version without errors; it goes on while a newer one is broken. */
  readonly loaded: Loaded | null;
  readonly problem: string | null;
}

/**
 * Methods of files in extend.d: looked for at the start and every two seconds, since no file system tells of all
 * changes. What is broken is logged and skipped. (storage 4.1, with JavaScript in the place of Python)
 */
export class Extender implements AsyncDisposable {
  readonly #options: ExtenderOptions;
  readonly #methods: Map<string, Method>;
  #known: readonly Known[] = [];
  #looking: Promise<void> = Promise.resolve();
  /** Why the folder could not be read at the last look; told once. */
  #trouble: string | null = null;
  readonly #timer: NodeJS.Timeout;

  private constructor(options: ExtenderOptions) {
    this.#options = options;
    this.#methods = new Map(options.builtIn);
    this.#timer = setInterval(() => void this.reload(), options.intervalMilliseconds ?? 2000);
    this.#timer.unref();
  }

  static async open(options: ExtenderOptions): Promise<Extender> {
    const extender = new Extender(options);
    await extender.reload();
    return extender;
  }

  /** All methods: those of the service, and over them those of extensions. Changes with the files. */
  get methods(): ReadonlyMap<string, Method> {
    return this.#methods;
  }

  /** What there is in the folder, for administrators. */
  get extensions(): readonly Extension[] {
    return this.#known.map(({ file, loaded, problem }) => ({
      file: file.path,
      methods: (loaded?.declarations ?? []).map(({ name }) => ({ name, overwrite: this.#options.builtIn.has(name) })),
      problem,
    }));
  }

  /** Takes over what has changed in the folder. Never throws: what goes wrong is in the log. */
  reload(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#look())
      .then(() => {
        this.#trouble = null;
      })
      .catch((error: unknown) => {
        const trouble = String(error);
        if (trouble !== this.#trouble) this.#options.log.error({ err: error }, "extensions could not be looked for");
        this.#trouble = trouble;
      });
    return this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    for (const { loaded } of this.#known) loaded?.pool.retire();
  }

  async #look(): Promise<void> {
    const files = await listExtensions(this.#options.folder);
    const before = new Map(this.#known.map((known) => [known.file.name, known]));
    const isSame = (file: ExtensionFile) => before.get(file.name)?.file.signature === file.signature;
    if (files.length === this.#known.length && files.every(isSame)) return;
    const now = await Promise.all(
      files.map((file) => {
        const old = before.get(file.name);
        return old && isSame(file) ? old : this.#load(file, old ?? null);
      }),
    );
    this.#known = now;
    this.#offer();
    const used = new Set(now.map(({ loaded }) => loaded));
    for (const { file, loaded } of before.values()) {
      if (loaded && !used.has(loaded)) loaded.pool.retire();
      if (!now.some((known) => known.file.name === file.name))
        this.#options.log.notice({ file: file.path }, "extension removed");
    }
  }

  async #load(file: ExtensionFile, old: Known | null): Promise<Known> {
    const { log } = this.#options;
    try {
      if (file.kind === "python") throw new OpsiError("ValueError", "Python cannot be run here, see docs/extend.md");
      if (file.writableByAll !== null)
        throw new OpsiError("ValueError", `Everybody may write to ${file.writableByAll}: chmod o-w it`);
      const loaded = await this.#start(file);
      log.notice({ file: file.path, methods: loaded.declarations.map(({ name }) => name) }, "extension loaded");
      return { file, loaded, problem: null };
    } catch (error) {
      const problem = problemOf(error, file.path);
      log.error({ file: file.path, problem }, "extension skipped");
      return { file, loaded: old?.loaded ?? null, problem };
    }
  }

  async #start(file: ExtensionFile): Promise<Loaded> {
    const source = { url: pathToFileURL(file.path).href, source: await readFile(file.path, "utf8") };
    const output = this.#logOf(file);
    const thread = new ExtensionThread(source, output);
    try {
      const declarations = (await thread.declarations).map(readDeclaration);
      const twice = declarations.find(({ name }, index) => declarations.findIndex((one) => one.name === name) < index);
      if (twice) throw new OpsiError("ValueError", `Method '${twice.name}' is declared twice`);
      return { declarations, pool: new ThreadPool(source, output, thread) };
    } catch (error) {
      await thread[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Nobody sees a state in between: the names change in one go. */
  #offer(): void {
    const { builtIn, log } = this.#options;
    const methods = new Map(builtIn);
    for (const { file, loaded } of this.#known) {
      if (!loaded) continue;
      const { pool } = loaded;
      for (const declaration of loaded.declarations) {
        const replaced = methods.get(declaration.name);
        if (replaced) log.warning({ file: file.path, method: declaration.name }, "extension replaces a method");
        const host = { pool, replaced, methods: this.#methods, log: this.#logOf(file) };
        methods.set(declaration.name, extensionMethod(declaration, host));
      }
    }
    this.#methods.clear();
    for (const [name, method] of methods) this.#methods.set(name, method);
  }

  #logOf(file: ExtensionFile) {
    const { log } = this.#options;
    return (
      level: "error" | "warning" | "notice" | "info",
      message: string,
      fields: Readonly<Record<string, unknown>>,
    ) => log[level]({ ...fields, extension: file.name }, message);
  }
}

/** Message, file and line, as far as the error tells. */
function problemOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const at = (error.stack ?? "").split("\n").find((line) => line.includes(path));
  const line = at === undefined ? undefined : new RegExp(`${RegExp.escape(path)}:(\\d+)`).exec(at)?.[1];
  return line === undefined ? error.message : `${error.message} (line ${line})`;
}
