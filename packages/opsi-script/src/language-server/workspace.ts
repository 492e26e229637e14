import { fileURLToPath, pathToFileURL } from "node:url";
import { libraryFolders } from "../check/check-files.ts";
import { type CheckResult, checkScript, isFragment } from "../check/check-script.ts";
import { findIgnoringCase, readSource } from "../check/read-source.ts";
import type { Source } from "../language/source.ts";
import { splitLines, toBytes, toText } from "../text/bytes.ts";

/** The files that are open in the editor, as they are there, and what the checker says about them. */
export class Workspace {
  readonly #open = new Map<string, Source>();
  readonly #results = new Map<string, CheckResult>();

  /** Paths are byte strings. */
  set(path: string, text: string): void {
    const lines = splitLines(toBytes(text)).map((text, index) => ({
      text,
      file: path,
      line: index + 1,
      library: false,
    }));
    this.#open.set(path, { lines, encoding: "utf8", warning: null });
    this.#results.clear(); // other files may include it
  }

  close(path: string): void {
    this.#open.delete(path);
    this.#results.clear();
  }

  get openPaths(): readonly string[] {
    return [...this.#open.keys()];
  }

  source(path: string): Source | null {
    return this.#open.get(path) ?? readSource(path);
  }

  linesOf(path: string): readonly string[] {
    return this.source(path)?.lines.map(({ text }) => text) ?? [];
  }

  /** The check in which a file takes part: its own, or that of an open script that includes it. */
  resultFor(path: string): CheckResult | null {
    const source = this.source(path);
    if (!source) return null;
    if (isFragment(source)) {
      for (const other of this.#open.keys()) {
        const script = this.#open.get(other);
        if (!script || isFragment(script)) continue;
        const result = this.#check(other, script);
        if (result.files.has(path)) return result;
      }
    }
    return this.#check(path, source);
  }

  /** The checks of all open files, each once. */
  results(): readonly CheckResult[] {
    return [...new Set(this.openPaths.flatMap((path) => this.resultFor(path) ?? []))];
  }

  #check(path: string, source: Source): CheckResult {
    const known = this.#results.get(path);
    if (known) return known;
    const result = checkScript(path, source, {
      read: (other) => this.source(other),
      findIgnoringCase,
      libraries: libraryFolders,
    });
    this.#results.set(path, result);
    return result;
  }
}

/** `null` for what is no file, such as an unsaved text. */
export const pathOf = (uri: string): string | null => (uri.startsWith("file:") ? toBytes(fileURLToPath(uri)) : null);

export const uriOf = (path: string): string => pathToFileURL(toText(path)).href;
