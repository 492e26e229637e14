import { createHash, type Hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
  write,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KnownHashes } from "../known-hashes.ts";
import { damaged, hostile, unsupported } from "../package-error.ts";
import type { ArchiveReader, Member } from "./member.ts";
import { linkTarget, memberPath } from "./member-name.ts";

export interface SafeTreeOptions {
  /** Set-id bits are dropped unless asked for: nobody needs them on a depot, and a server unpacks as root. */
  readonly keepSetIdBits?: boolean;
}

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
/** As many links in a row are followed as Linux itself follows. */
const linkLimit = 40;

/**
 * A directory into which members of archives are written, and nothing outside of it: names, symbolic links and hard
 * links are resolved component by component within the directory. (packages 1.3)
 *
 * The directory must not be writable by others meanwhile. All calls block; a server runs them in a worker thread.
 */
export class SafeTree {
  readonly #root: string;
  readonly #modeMask: number;
  readonly #umask = process.umask();
  /** Directory as named by members -> where it really is below the root. */
  readonly #directories = new Map<string, string>([["", ""]]);
  readonly #links = new Set<string>();
  /** Modes and times of directories, set at the end: until then we have to write into them. */
  readonly #directoryMembers = new Map<string, Member>();

  constructor(root: string, options: SafeTreeOptions = {}) {
    this.#root = root;
    this.#modeMask = options.keepSetIdBits ? 0o7777 : 0o1777;
  }

  /**
   * Writes the member that the reader stands at, below the directory `base`. Returns the bytes written.
   *
   * @param hashes is told the sum of a file
   */
  async write(member: Member, reader: ArchiveReader, base: string, hashes?: KnownHashes): Promise<number> {
    const parts = [...(base === "" ? [] : [base]), ...memberPath(member.name)];
    try {
      switch (member.type) {
        case "directory":
          this.#directoryMembers.set(this.#directory(parts), member);
          return 0;
        case "file":
          return await this.#writeFile(this.#place(parts, member), member, reader, hashes);
        case "symlink":
          this.#writeLink(this.#place(parts, member), member, base);
          return 0;
        case "hardlink":
          this.#writeHardLink(this.#place(parts, member), member, base);
          return 0;
        case "device":
        case "pipe":
          throw hostile(`The archive holds a ${member.type}: '${member.name}'`);
        default:
          return member.type satisfies never;
      }
    } catch (error) {
      throw explain(error, member.name);
    }
  }

  /** Makes a directory at the top, also when the archive has nothing to put into it. */
  makeTop(name: string): void {
    this.#directory(memberPath(name));
  }

  /** Checks all links once more, now that everything is in place, and sets modes and times of directories. */
  finish(): void {
    for (const path of this.#links) {
      const stats = lstatOrNull(join(this.#root, path));
      if (stats?.isSymbolicLink()) this.#resolve(path.split("/"), path.split("/")[0] ?? "");
    }
    const deepestFirst = [...this.#directoryMembers].sort(([a], [b]) => b.length - a.length);
    for (const [path, { mode, modified }] of deepestFirst) {
      const full = join(this.#root, path);
      chmodSync(full, mode & this.#modeMask);
      utimesSync(full, modified, modified);
    }
  }

  async #writeFile(path: string, member: Member, reader: ArchiveReader, hashes?: KnownHashes): Promise<number> {
    const mode = member.mode & this.#modeMask;
    const full = join(this.#root, path);
    const file = this.#create(full, mode & 0o777);
    const md5 = hashes && createHash("md5");
    try {
      for (let content = await reader.readContent(); content !== null; content = await reader.readContent()) {
        if (md5) await writeAndHash(file, content, md5);
        else writeAll(file, content);
      }
      // open() has already set what the umask allows; a system call per file less is felt with many small files
      if ((mode & (this.#umask | 0o7000)) !== 0) fchmodSync(file, mode);
      futimesSync(file, member.modified, member.modified);
      if (md5) hashes.add(fstatSync(file, { bigint: true }), md5.digest("hex"));
    } finally {
      closeSync(file);
    }
    return member.size;
  }

  #create(full: string, mode: number): number {
    try {
      return openSync(full, createFlags, mode);
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
    // A later member replaces an earlier one; what a link points to stays untouched
    unlinkSync(full);
    return openSync(full, createFlags, mode);
  }

  #writeLink(path: string, member: Member, base: string): void {
    const { target } = member;
    if (target === "" || target.includes("\0")) throw damaged(`Symbolic link without target: '${member.name}'`);
    const resolved = linkTarget(path.split("/").slice(0, -1), target);
    if (resolved === null || (base !== "" && resolved[0] !== base)) {
      throw hostile(`Symbolic link out of the archive's directory: '${member.name}' -> '${target}'`);
    }
    const full = join(this.#root, path);
    const existing = lstatOrNull(full);
    if (existing?.isDirectory()) throw damaged(`Symbolic link in place of a directory: '${member.name}'`);
    if (existing) unlinkSync(full);
    symlinkSync(target, full);
    lutimesSync(full, member.modified, member.modified);
    this.#links.add(path);
  }

  #writeHardLink(path: string, member: Member, base: string): void {
    const parts = [...(base === "" ? [] : [base]), ...memberPath(member.target)];
    const name = parts.pop();
    const parent = name === undefined ? null : this.#resolve(parts, base);
    const source = parent === null || name === undefined ? null : [parent, name].filter(Boolean).join("/");
    const stats = source === null ? null : lstatOrNull(join(this.#root, source));
    if (source === null || !stats?.isFile()) {
      throw damaged(`Hard link '${member.name}' to '${member.target}', which is no file of the archive`);
    }
    if (source === path) return;
    const full = join(this.#root, path);
    if (lstatOrNull(full)) unlinkSync(full);
    linkSync(join(this.#root, source), full);
  }

  /** Where a member goes; its parents are made. */
  #place(parts: string[], member: Member): string {
    const name = parts.at(-1);
    if (name === undefined || parts.length === 0) throw damaged("A file without name in the archive");
    const parent = this.#directory(parts.slice(0, -1));
    if (member.name.endsWith("/") && member.type === "file") throw damaged(`File with the name '${member.name}'`);
    return parent === "" ? name : `${parent}/${name}`;
  }

  /** The real place of a directory, which is made if it is missing. */
  #directory(parts: readonly string[]): string {
    const named = parts.join("/");
    const known = this.#directories.get(named);
    if (known !== undefined) return known;
    const parent = this.#directory(parts.slice(0, -1));
    const name = parts.at(-1) ?? "";
    let path = parent === "" ? name : `${parent}/${name}`;
    const stats = lstatOrNull(join(this.#root, path));
    if (stats === null) mkdirSync(join(this.#root, path));
    else if (stats.isSymbolicLink()) {
      const resolved = this.#resolve(path.split("/"), parts[0] ?? "");
      if (resolved === null || !lstatOrNull(join(this.#root, resolved))?.isDirectory()) {
        throw damaged(`'${named}' is both a link and a directory in the archive`);
      }
      path = resolved;
    } else if (!stats.isDirectory()) throw damaged(`'${named}' is both a file and a directory in the archive`);
    // Places found through a link are not remembered: the link may be replaced
    if (path === named) this.#directories.set(named, path);
    return path;
  }

  /** Follows links within the tree. Null where something is missing. */
  #resolve(path: readonly string[], base: string): string | null {
    const todo = [...path];
    let done: string[] = [];
    let missing = false;
    for (let links = 0; todo.length > 0; ) {
      const part = todo.shift() ?? "";
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done.pop();
        if (done.length === 0) throw hostile(`Symbolic link out of the archive's directory: '${path.join("/")}'`);
        continue;
      }
      done.push(part);
      const stats = missing ? null : lstatOrNull(join(this.#root, ...done));
      if (stats === null) missing = true;
      if (!stats?.isSymbolicLink()) continue;
      if (++links > linkLimit) throw damaged(`Too many symbolic links: '${path.join("/")}'`);
      const target = readlinkSync(join(this.#root, ...done));
      if (target.startsWith("/")) throw hostile(`Symbolic link out of the archive's directory: '${path.join("/")}'`);
      todo.unshift(...target.split("/"));
      done = done.slice(0, -1);
    }
    if (base !== "" && done[0] !== base) {
      throw hostile(`Symbolic link out of the archive's directory: '${path.join("/")}'`);
    }
    return missing ? null : done.join("/");
  }
}

function lstatOrNull(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function writeAll(file: number, content: Uint8Array): void {
  for (let offset = 0; offset < content.length; ) {
    offset += writeSync(file, content, offset, content.length - offset);
  }
}

/** From here on, changing threads takes less time than hashing: 16 kB need about 20 microseconds. */
const parallelSize = 1 << 16;

/** Another thread writes while this one hashes. */
async function writeAndHash(file: number, content: Uint8Array, md5: Hash): Promise<void> {
  if (content.length < parallelSize) {
    md5.update(content);
    writeAll(file, content);
    return;
  }
  const writing = writeInBackground(file, content);
  md5.update(content);
  await writing;
}

async function writeInBackground(file: number, content: Uint8Array): Promise<void> {
  for (let offset = 0; offset < content.length; ) {
    offset += (await writeAsync(file, content, offset, content.length - offset)).bytesWritten;
  }
}

const writeAsync = promisify(write);

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Contradictions of the archive that only the file system notices. Others, such as a full disk, pass as they are. */
function explain(error: unknown, name: string): unknown {
  if (isSystemError(error, "ENAMETOOLONG")) return unsupported(`Name too long for the file system: '${name}'`, error);
  for (const code of ["EISDIR", "ENOTDIR", "EPERM", "EINVAL", "EILSEQ", "ELOOP"]) {
    if (isSystemError(error, code)) return damaged(`Archive member '${name}' cannot be written here (${code})`, error);
  }
  return error;
}
