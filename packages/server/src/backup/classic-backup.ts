import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { OpsiError } from "@opsi-ts/model";
import { readArchive } from "@opsi-ts/opsi-package";
import { readDispatch, type StorageName } from "../backends/dispatch.ts";

/*
 * What `opsi-backup` of 4.2 wrote: a tar archive, plain or with gzip or bzip2. (storage 7.6)
 *
 *   CONTENT/CONF/…                              /etc/opsi
 *   CONTENT/BACKENDS/FILE/<name>/…              the files of the File backend
 *   CONTENT/BACKENDS/FILE_HOSTKEYS/<name>/…     its host keys, where they lie elsewhere
 *   CONTENT/BACKENDS/MYSQL/<name>/database.sql  a dump
 *   CONTROL/checksums, CONTROL/sysinfo
 */

export interface ClassicMember {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  /** Of files. */
  readonly sha1: string | null;
  /** Of links. */
  readonly target: string;
}

/** More than any dump of a site needs; a hostile archive must not fill the disk. */
const unpackedLimit = 20_000_000_000;

/** An archive that was unpacked into a temporary folder; links and devices are only listed. */
export class ClassicBackup implements AsyncDisposable {
  readonly #folder: string;
  readonly members: readonly ClassicMember[];
  /** `key: value` lines about the machine. */
  readonly sysinfo: ReadonlyMap<string, string>;

  private constructor(folder: string, members: readonly ClassicMember[], sysinfo: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.members = members;
    this.sysinfo = sysinfo;
  }

  /** @throws ValueError for what is no such backup, is damaged or leads out of its folder */
  static async open(path: string, signal?: AbortSignal): Promise<ClassicBackup> {
    const folder = await mkdtemp(join(tmpdir(), "opsi-classic-backup-"));
    try {
      const members = await unpack(path, folder, signal);
      await checkSums(join(folder, "CONTROL/checksums"), members);
      return new ClassicBackup(folder, members, await readSysinfo(join(folder, "CONTROL/sysinfo")));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The path of a file of the archive, or of the one in it that a link leads to; null where there is none. */
  find(name: string): string | null {
    const member = this.members.find((each) => each.name === name);
    if (member?.type === "symlink") return this.#file(join(dirname(name), member.target));
    return this.#file(name);
  }

  #file(name: string): string | null {
    return this.members.some((each) => each.name === name && each.type === "file") ? join(this.#folder, name) : null;
  }

  /** The tree of the File backend with its keys. */
  get files(): { readonly folder: string; readonly hostKeys: string } | null {
    const backend = this.#backends("FILE")[0];
    if (backend === undefined) return null;
    const [apart] = this.members.filter(({ name, type }) => type === "file" && name.startsWith(hostKeysOf(backend)));
    const hostKeys =
      this.find("CONTENT/CONF/pckeys") ?? join(this.#folder, apart?.name ?? `${hostKeysOf(backend)}pckeys`);
    return { folder: join(this.#folder, "CONTENT/BACKENDS/FILE", backend), hostKeys };
  }

  /** The dump of a database. */
  get dump(): string | null {
    const backend = this.#backends("MYSQL")[0];
    return backend === undefined ? null : this.find(`CONTENT/BACKENDS/MYSQL/${backend}/database.sql`);
  }

  /**
   * Which of its storages keeps the objects that a method reads: as its dispatch.conf says, else the one that is there.
   *
   * @throws ValueError where both are there and nothing says which counts
   */
  storageOf(method: string): StorageName | null {
    const there = [...(this.files ? ["file" as const] : []), ...(this.dump ? ["mysql" as const] : [])];
    if (there.length < 2) return there[0] ?? null;
    const dispatch = this.find("CONTENT/CONF/backendManager/dispatch.conf");
    const entries = dispatch === null ? null : readDispatch(dispatch);
    if (entries === null) {
      throw new OpsiError("ValueError", "The backup has files and a dump, but no dispatch.conf that says which count");
    }
    const backends = entries.find(({ pattern }) => pattern.test(method))?.backends ?? [];
    return there.find((name) => backends.includes(name)) ?? null;
  }

  #backends(kind: string): string[] {
    const start = `CONTENT/BACKENDS/${kind}/`;
    const inside = this.members.filter(({ name }) => name.startsWith(start));
    return [...new Set(inside.map(({ name }) => name.slice(start.length).split("/")[0] ?? ""))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const hostKeysOf = (backend: string) => `CONTENT/BACKENDS/FILE_HOSTKEYS/${backend}/`;

async function unpack(path: string, folder: string, signal?: AbortSignal): Promise<ClassicMember[]> {
  const members: ClassicMember[] = [];
  const names = new Set<string>();
  let unpacked = 0;
  for await (const { name: given, type, mode, size, target, content } of readArchive(path, signal)) {
    const name = given.replace(/\/+$/, "");
    if (!/^(CONTENT|CONTROL)\//.test(name)) throw notOne(`'${name}' is no member of one`);
    if (name.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw notOne(`the member '${name}' leads out of it`);
    }
    unpacked += size;
    if (names.has(name)) throw notOne(`'${name}' is in it twice`);
    names.add(name);
    if (unpacked > unpackedLimit) throw notOne(`it unpacks to more than ${unpackedLimit} bytes`);
    let sha1: string | null = null;
    if (type === "file") {
      const hash = createHash("sha1");
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch((cause) => {
        throw notOne(`'${name}' has no place: ${cause instanceof Error ? cause.message : cause}`);
      });
      const hashed = async function* () {
        for await (const part of content()) {
          hash.update(part);
          yield Buffer.from(part); // the next piece comes where this one was
        }
      };
      await pipeline(hashed, createWriteStream(file, { flags: "wx", mode: 0o600 }));
      sha1 = hash.digest("hex");
    }
    members.push({ name, type, mode, size, sha1, target });
  }
  return members;
}

/** Lines `SHA1 MEMBER`. */
async function checkSums(path: string, members: readonly ClassicMember[]): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => {
    throw notOne("it has no CONTROL/checksums");
  });
  const byName = new Map(members.map((member) => [member.name, member]));
  for (const line of text.split("\n")) {
    const [, sha1, name = ""] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? [];
    if (sha1 === undefined) continue;
    const member = byName.get(name);
    if (!member) throw notOne(`'${name}' is missing`);
    // Of a link the sum is that of the file behind it, which need not be in the archive.
    const file = member.type === "file" ? member : byName.get(join(dirname(name), member.target));
    if (file && file.sha1 !== sha1) throw notOne(`'${name}' is damaged`);
  }
}

async function readSysinfo(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path, "utf8").catch(() => "");
  return new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^([^:]+?)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value ?? ""] as const];
    }),
  );
}

const notOne = (reason: string) => new OpsiError("ValueError", `This is no backup of opsi 4.2: ${reason}`);
