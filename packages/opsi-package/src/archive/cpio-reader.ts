import { damaged, hostile } from "../package-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { type ArchiveReader, decodeName, type Member, type MemberType, nameLimit } from "./member.ts";

/*
 * "New ASCII" cpio: `070701`, or `070702` with checksums (packages 1.2). 13 hexadecimal fields of 8 digits after the
 * magic number: ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check; then the name
 * and the content, each padded to a multiple of 4.
 * "Old ASCII" cpio: `070707`, octal: dev 6, ino 6, mode 6, uid 6, gid 6, nlink 6, rdev 6, mtime 11, namesize 6,
 * filesize 11; no padding.
 */

const typeOfFormat: ReadonlyMap<number, MemberType> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o060000, "device"],
  [0o020000, "device"],
  [0o010000, "pipe"],
  [0o140000, "pipe"],
]);

interface Header {
  readonly mode: number;
  readonly links: number;
  readonly inode: string;
  readonly modified: number;
  readonly size: number;
  readonly nameSize: number;
  readonly checksum: number | null;
  /** Names and contents are padded to a multiple of this. */
  readonly alignment: number;
  readonly length: number;
}

/** Reads the archives that opsi up to 4.2 wrote. Hard links are files of their own, the last of them with the content. */
export class CpioReader implements ArchiveReader {
  readonly #source: ByteSource;
  #remaining = 0;
  #padding = 0;
  #checksum: number | null = null;
  #sum = 0;
  /** Members without content whose inode has several links, by inode. */
  readonly #linked = new Map<string, Member[]>();
  #ended = false;
  readonly #pending: Member[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async next(): Promise<Member | null> {
    for (;;) {
      while (await this.readContent());
      await this.#source.skip(this.#padding);
      this.#padding = 0;
      const pending = this.#pending.shift();
      if (pending) return pending;
      if (this.#ended) return null;
      const header = await this.#readHeader();
      const { mode, size } = header;
      if (header.nameSize < 1 || header.nameSize > nameLimit)
        throw hostile(`Name of ${header.nameSize} bytes in the archive`);
      const bytes = await this.#readExactly(header.nameSize);
      const name = decodeName(bytes.subarray(0, header.nameSize - 1));
      await this.#source.skip(gap(header.length + header.nameSize, header.alignment));
      if (name === "TRAILER!!!") {
        this.#ended = true;
        for (const [first, ...others] of this.#linked.values()) {
          if (first) this.#pending.push(first, ...others.map((other) => linkTo(first, other)));
        }
        continue;
      }
      const type = typeOfFormat.get(mode & 0o170000);
      if (!type) throw damaged(`Bad type of archive member '${name}'`);
      const member = { name, type, mode: mode & 0o7777, modified: header.modified, target: "" };
      this.#padding = gap(size, header.alignment);
      if (type === "symlink") {
        if (size > nameLimit) throw hostile(`Link target of ${size} bytes in the archive`);
        return { ...member, size: 0, target: decodeName(Buffer.from(await this.#readExactly(size))) };
      }
      this.#remaining = size;
      this.#checksum = header.checksum;
      this.#sum = 0;
      if (type !== "file") return { ...member, size };
      if (header.links > 1) {
        // The content comes with the last link; until then the others are remembered
        const others = this.#linked.get(header.inode) ?? [];
        if (size === 0) {
          others.push({ ...member, size });
          this.#linked.set(header.inode, others);
          continue;
        }
        this.#pending.push(...others.map((other) => linkTo({ ...member, size }, other)));
        this.#linked.delete(header.inode);
      }
      return { ...member, size };
    }
  }

  async readContent(): Promise<Uint8Array | null> {
    if (this.#remaining === 0) {
      const wrong = this.#checksum !== null && this.#checksum !== this.#sum;
      this.#checksum = null;
      if (wrong) throw damaged("The archive is damaged: wrong checksum of a cpio member");
      return null;
    }
    const part = await this.#source.readSome(this.#remaining);
    if (part === null) throw damaged("The archive ends within a file");
    this.#remaining -= part.length;
    if (this.#checksum !== null) {
      let sum = this.#sum;
      for (const byte of part) sum = (sum + byte) >>> 0;
      this.#sum = sum;
    }
    return part;
  }

  async #readHeader(): Promise<Header> {
    const magic = (await this.#readExactly(6)).toString("latin1");
    if (magic === "070707") {
      const header = (await this.#readExactly(70)).toString("latin1");
      const field = (start: number, length: number) => parseField(header.slice(start, start + length), 8);
      return {
        inode: header.slice(0, 12),
        mode: field(12, 6),
        links: field(30, 6),
        modified: field(42, 11),
        nameSize: field(53, 6),
        size: field(59, 11),
        checksum: null,
        alignment: 1,
        length: 76,
      };
    }
    if (magic !== "070701" && magic !== "070702") throw damaged("The archive is damaged: bad header of a cpio member");
    const header = (await this.#readExactly(104)).toString("latin1");
    const field = (index: number) => parseField(header.slice(index * 8, index * 8 + 8), 16);
    const isRegular = (field(1) & 0o170000) === 0o100000;
    return {
      inode: `${header.slice(0, 8)}${header.slice(56, 72)}`,
      mode: field(1),
      links: field(4),
      modified: field(5),
      size: field(6),
      nameSize: field(11),
      checksum: magic === "070702" && isRegular ? field(12) : null,
      alignment: 4,
      length: 110,
    };
  }

  async #readExactly(size: number): Promise<Buffer> {
    const bytes = size === 0 ? Buffer.alloc(0) : await this.#source.read(size);
    if (bytes === null) throw damaged("The archive ends without its end mark");
    return bytes;
  }
}

const linkTo = (first: Member, other: Member): Member => ({ ...other, type: "hardlink", target: first.name });

const gap = (size: number, alignment: number) => (alignment - (size % alignment)) % alignment;

function parseField(text: string, radix: 8 | 16): number {
  if (!(radix === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/).test(text)) {
    throw damaged("The archive is damaged: bad number in a cpio header");
  }
  return Number.parseInt(text, radix);
}
