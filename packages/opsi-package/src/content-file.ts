import { createHash } from "node:crypto";
import { type BigIntStats, closeSync, openSync, readSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KnownHashes } from "./known-hashes.ts";
import { damaged } from "./package-error.ts";

/** One line of a package content file (packages 1.9). */
export type ContentEntry =
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "file"; readonly path: string; readonly size: number; readonly md5: string }
  | { readonly type: "link"; readonly path: string; readonly target: string };

export interface ContentOptions {
  /** A file to leave out: the content file itself. */
  readonly except?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sums of files that need not be read. */
  readonly known?: KnownHashes | undefined;
  /** Called for links that lead nowhere; they are left out. */
  readonly onBrokenLink?: ((path: string) => void) | undefined;
}

/** What a product's folder holds. Links to files count as files, links to directories as directories without content. */
export async function readContents(folder: string, options: ContentOptions = {}): Promise<ContentEntry[]> {
  const entries: ContentEntry[] = [];
  await collect(folder, "", entries, options);
  return entries;
}

/** `/var/lib/opsi/depot/P/P.files`: clients that cache products rely on it (packages 1.9). */
export function formatContentFile(entries: readonly ContentEntry[]): string {
  const quote = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const lines = entries.map((entry) => {
    switch (entry.type) {
      case "directory":
        return `d ${quote(entry.path)} 0 `;
      case "file":
        return `f ${quote(entry.path)} ${entry.size} ${entry.md5}`;
      case "link":
        return `l ${quote(entry.path)} 0 ${quote(entry.target)}`;
      default:
        return entry satisfies never;
    }
  });
  return lines.join("\n");
}

const linePattern = /^([dfl]) '((?:[^'\\]|\\.)*)' (\d+) ?(?:'((?:[^'\\]|\\.)*)'|([0-9a-fA-F]{32}))?\s*$/s;

/**
 * Reads a package content file. Names may hold line feeds, so lines are put together again until the quotes close.
 *
 * @throws PackageError for lines that mean nothing
 */
export function parseContentFile(text: string): ContentEntry[] {
  const entries: ContentEntry[] = [];
  let pending: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const whole: string = pending === null ? line : `${pending}\n${line}`;
    if (whole.trim() === "") continue;
    const entry = parseLine(whole);
    pending = entry === null ? whole : null;
    if (entry !== null) entries.push(entry);
    else if (whole.length > 10_000 || !/^[dfl] '/.test(whole)) break;
  }
  if (pending !== null) throw damaged(`Bad line in a package content file: '${pending.slice(0, 200)}'`);
  return entries;
}

function parseLine(line: string): ContentEntry | null {
  const found = linePattern.exec(line);
  if (!found) return null;
  // Only the quote is escaped: a backslash before anything else is part of the name
  const unquote = (quoted: string) => quoted.replaceAll("\\'", "'");
  const [, type, name = "", size, target, md5] = found;
  const path = unquote(name);
  if (type === "d") return { type: "directory", path };
  if (type === "l") return target === undefined ? null : { type: "link", path, target: unquote(target) };
  return md5 === undefined ? null : { type: "file", path, size: Number(size), md5: md5.toLowerCase() };
}

async function collect(folder: string, below: string, entries: ContentEntry[], options: ContentOptions): Promise<void> {
  const children = await readdir(join(folder, below), { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    options.signal?.throwIfAborted();
    const path = below === "" ? child.name : `${below}/${child.name}`;
    if (path === options.except) continue;
    const full = join(folder, path);
    if (child.isDirectory()) {
      entries.push({ type: "directory", path });
      await collect(folder, path, entries, options);
      continue;
    }
    const stats = await stat(full, { bigint: true }).catch(() => null);
    if (stats?.isDirectory()) entries.push({ type: "directory", path });
    else if (stats?.isFile()) entries.push({ type: "file", path, ...hashOf(full, stats, options.known) });
    else options.onBrokenLink?.(path);
  }
}

function hashOf(path: string, stats: BigIntStats, known: KnownHashes | undefined): { size: number; md5: string } {
  const md5 = known?.find(stats);
  return md5 === undefined ? hashFile(path) : { size: Number(stats.size), md5 };
}

const buffer = Buffer.allocUnsafeSlow(1 << 20);

/** Synchronous: with many small files that is several times as fast. A server calls this in a worker thread. */
function hashFile(path: string): { size: number; md5: string } {
  const md5 = createHash("md5");
  const file = openSync(path, "r");
  try {
    let size = 0;
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      md5.update(buffer.subarray(0, length));
      size += length;
    }
    return { size, md5: md5.digest("hex") };
  } finally {
    closeSync(file);
  }
}
