import { type BigIntStats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { identString, isOpsiError, OpsiError, type OpsiObject } from "@opsi-ts/model";
import { checkSize, decodeText } from "../../configuration/decode-text.ts";
import { Turn } from "../turn.ts";
import { Contents } from "./contents.ts";
import { readFormat, type Surroundings } from "./file-format.ts";
import { parseHostKeys } from "./host-keys.ts";
import type { Problem } from "./ini-text.ts";
import { listFiles, type SiteFile, type SitePaths } from "./site-tree.ts";

/** A file as it was at one moment. */
export interface FileState {
  readonly bytes: Uint8Array | null;
  /** Differs after every change; null where there is no file. */
  readonly stamp: string | null;
}

const gone: FileState = { bytes: null, stamp: null };

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT";

/** Null where there is no file. Nothing but a file counts: a pipe would let us wait for ever. */
function fileStats(path: string): BigIntStats | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() ? stats : null;
}

const stamp = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`;

/** Synchronous: looking at thousands of files takes a tenth of the time that promises need. */
export function stampOf(path: string): string | null {
  const stats = fileStats(path);
  return stats && stamp(stats);
}

/**
 * The stamp is taken first: what changes while we read is noticed as changed afterwards.
 *
 * @throws BackendIOError for a file that is too large or may not be read
 */
export async function readState(path: string): Promise<FileState> {
  const stats = fileStats(path);
  if (!stats) return gone;
  checkSize(Number(stats.size), path);
  try {
    return { bytes: await readFile(path), stamp: stamp(stats) };
  } catch (error) {
    if (isMissing(error)) return gone;
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new OpsiError("BackendIOError", error.message, { field: path, cause: error });
  }
}

export async function readHostKeys(path: string): Promise<{
  keys: Map<string, string>;
  problems: readonly Problem[];
  stamp: string | null;
}> {
  const { bytes, stamp } = await readState(path);
  const { keys, problems } = parseHostKeys(bytes ? decodeText(bytes, path) : "", path);
  if (!bytes) problems.push({ path, line: 0, message: "The file is missing: no host has a key" });
  return { keys, problems, stamp };
}

export interface FoundFile {
  readonly file: SiteFile;
  readonly contents: Contents;
  readonly stamp: string | null;
  /** What is wrong with the file as a whole: it is not understood, and must not be written. */
  readonly unreadable: boolean;
  /** It may hold objects that are not understood. */
  readonly doubtful: boolean;
}

/** A file that is no text or too large is told as a problem: the others count. */
export async function readSiteFile(file: SiteFile, surroundings: Surroundings): Promise<FoundFile> {
  const { path } = file;
  try {
    const { bytes, stamp } = await readState(path);
    const contents = bytes ? await readFormat(bytes, file, surroundings) : new Contents(path);
    return { file, contents, stamp, unreadable: false, doubtful: contents.problems.length > 0 };
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    const problem = { path, line: 0, message: error.message };
    return { file, contents: new Contents(path, [problem]), stamp: stampOf(path), unreadable: true, doubtful: true };
  }
}

/**
 * Everything in the files of a classic site, file by file. (storage 5)
 *
 * @param surroundings.keys the host keys, of `readHostKeys`
 */
export async function* readSite(paths: SitePaths, surroundings: Surroundings): AsyncGenerator<FoundFile> {
  const turn = new Turn();
  const seen = new Set<string>();
  const files = await listFiles(paths);
  const readable = files.filter(({ kind }) => kind !== "hostKeys");
  for (const file of readable) {
    if (turn.isOver) await turn.pass();
    yield withHost(withoutTwin(await readSiteFile(file, surroundings), seen), (hostId) => seen.has(hostId));
  }
}

/** Software of clients that are gone does not count: nobody asks for it, and no database could take it over. */
export function withHost(found: FoundFile, exists: (hostId: string) => boolean): FoundFile {
  const { kind, hostId, path } = found.file;
  if (kind !== "clientSoftware" || exists(hostId) || found.contents.objects.length === 0) return found;
  const problem = { path, line: 0, message: `There is no host '${hostId}'` };
  return { ...found, contents: new Contents(path, [...found.contents.problems, problem]) };
}

/** Two files of one host, `PC1…` and `pc1…` or a client and a depot, or of one product: the first one counts. */
function withoutTwin(found: FoundFile, seen: Set<string>): FoundFile {
  const owner = ownerOf(found);
  if (owner === null) return found;
  if (seen.has(owner)) return twin(found, owner);
  seen.add(owner);
  return found;
}

/** The host or product that a file is about, and no other file may be; null for other files. */
export function ownerOf({ file: { kind, hostId }, contents }: FoundFile): string | null {
  if (kind === "client" || kind === "depot") return hostId;
  const product = kind === "product" ? productIn(contents) : undefined;
  return product ? identString(product) : null;
}

export function productIn({ objects }: Contents): OpsiObject | undefined {
  return objects.find(({ type }) => type === "LocalbootProduct" || type === "NetbootProduct");
}

/** @param owner what another file is about, too */
export function twin(found: FoundFile, owner: string): FoundFile {
  const { path } = found.file;
  const problem = { path, line: 0, message: `There is another file of '${owner}', this one does not count` };
  return { ...found, contents: new Contents(path, [problem]), unreadable: true, doubtful: false };
}
