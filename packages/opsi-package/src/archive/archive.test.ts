import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ByteSource, StreamSource } from "./byte-source.ts";
import { decodeBzip2 } from "./bzip2-decode.ts";
import { encodeBzip2 } from "./bzip2-encode.ts";
import { CpioReader } from "./cpio-reader.ts";
import type { ArchiveReader, Member } from "./member.ts";
import { cpioMemberName, memberPath } from "./member-name.ts";
import { TarReader } from "./tar-reader.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-writer.ts";

async function* pieces(data: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < data.length; offset += size) yield data.subarray(offset, offset + size);
}

async function join(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks, (chunk) => Buffer.from(chunk)));
}

async function readAll(reader: ArchiveReader): Promise<{ member: Member; content: Buffer }[]> {
  const all = [];
  for (let member = await reader.next(); member !== null; member = await reader.next()) {
    const parts: Buffer[] = [];
    for (let part = await reader.readContent(); part !== null; part = await reader.readContent()) {
      parts.push(Buffer.from(part));
    }
    all.push({ member, content: Buffer.concat(parts) });
  }
  return all;
}

const name = fc
  .array(fc.stringMatching(/^[a-zäö日 ~\\]{1,60}$/u), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"));

test("what was written as tar is read again", async () => {
  const member = fc.record({
    name,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    modified: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.double({ min: 0, max: 2e9, noNaN: true })),
    content: fc.uint8Array({ maxLength: 1500 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (given, size) => {
      const archive = given.flatMap(({ content, ...rest }) => [
        tarHeader({ ...rest, type: "file", size: content.length, target: "" }),
        Buffer.from(content),
        tarPadding(content.length),
      ]);
      const source = new StreamSource(pieces(Buffer.concat([...archive, tarEnd(0)]), size));
      const read = await readAll(new TarReader(source));
      expect(read.map(({ member, content }) => ({ ...member, content }))).toEqual(
        given.map(({ content, ...rest }) => ({
          ...rest,
          ...{ type: "file", size: content.length, target: "", content: Buffer.from(content) },
        })),
      );
    }),
  );
});

test("a global extended header counts for the members behind it, their own for them alone", async () => {
  const file = (name: string) => tarHeader({ name, type: "file", mode: 0, size: 0, modified: 0, target: "" });
  const dated = tarHeader({ name: "own", type: "file", mode: 0, size: 0, modified: 2.5, target: "" });
  const global = tarHeader({ name: "x", type: "file", mode: 0, size: 0, modified: 1.5, target: "" }).subarray(0, 1024);
  global.write("g", 156);
  global.write((Number.parseInt(global.toString("latin1", 148, 154), 8) - 17).toString(8).padStart(6, "0"), 148);
  const archive = Buffer.concat([global, file("a"), dated, file("b"), tarEnd(0)]);
  const read = await readAll(new TarReader(new StreamSource(pieces(archive, 512))));
  expect(read.map(({ member }) => [member.name, member.modified])).toEqual([
    ["a", 1.5],
    ["own", 2.5],
    ["b", 1.5],
  ]);
});

test("files of more than 8 GiB have their size in the header", async () => {
  const size = 20 * 2 ** 30;
  const header = tarHeader({ name: "disk.img", type: "file", mode: 0o644, size, modified: 0, target: "" });
  expect((await new TarReader(new StreamSource(pieces(header, 512))).next())?.size).toBe(size);
});

test.each<[what: string, change: (header: Buffer) => void, message: string]>([
  ["a wrong checksum", (header) => header.write("x", 0), "wrong checksum"],
  ["a checksum that is no number", (header) => header.write("z", 149), "Bad number"],
])("tar: %s is an error", async (_what, change, message) => {
  const header = tarHeader({ name: "a", type: "file", mode: 0, size: 1, modified: 0, target: "" });
  change(header);
  await expect(readAll(new TarReader(new StreamSource(pieces(header, 512))))).rejects.toThrow(message);
});

/** A member in the "new ASCII" form. */
function cpio(fields: { name: string; content?: string; mode?: number; links?: number; inode?: number }): Buffer {
  const { name, content = "", mode = 0o100644, links = 1, inode = 1 } = fields;
  const numbers = [inode, mode, 0, 0, links, 0, Buffer.byteLength(content), 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
  const head = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${name}\0`;
  const pad = (text: string) => text + "\0".repeat((4 - (Buffer.byteLength(text) % 4)) % 4);
  return Buffer.from(pad(head) + pad(content));
}

test("cpio: of files with several links the last one has the content", async () => {
  const archive = Buffer.concat([
    cpio({ name: "a", links: 2, inode: 7 }),
    cpio({ name: "other", content: "x", inode: 8 }),
    cpio({ name: "b", content: "text", links: 2, inode: 7 }),
    cpio({ name: "empty", links: 2, inode: 9 }),
    cpio({ name: "TRAILER!!!" }),
  ]);
  const read = await readAll(new CpioReader(new StreamSource(pieces(archive, 100))));
  expect(read.map(({ member, content }) => [member.name, member.type, member.target, content.toString()])).toEqual([
    ["other", "file", "", "x"],
    ["b", "file", "", "text"],
    ["a", "hardlink", "b", ""],
    ["empty", "file", "", ""],
  ]);
});

test("cpio without end mark is truncated", async () => {
  const archive = cpio({ name: "a", content: "x" });
  await expect(readAll(new CpioReader(new StreamSource(pieces(archive, 9))))).rejects.toThrow("without its end mark");
});

test.each<[form: string, start: Buffer, open: (source: ByteSource) => ArchiveReader]>([
  ["tar", tarHeader({ name: "a", type: "file", mode: 0, size: 3, modified: 0.5, target: "" }), (s) => new TarReader(s)],
  ["cpio", cpio({ name: "name", content: "content" }), (source) => new CpioReader(source)],
])("whatever a %s archive holds: members or a typed error", async (_form, start, open) => {
  const change = fc.record({ at: fc.nat(start.length - 1), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.uint8Array({ maxLength: 600 }), async (changes, rest) => {
      const data = Buffer.concat([start, rest]);
      for (const { at, value } of changes) data[at] = value;
      try {
        await readAll(open(new StreamSource(pieces(data, 100))));
      } catch (error) {
        if (!isOpsiError(error, "ValueError")) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test("what was compressed with bzip2 is decompressed again", async () => {
  const runs = fc
    .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 600 })), { maxLength: 20 })
    .map((parts) => Buffer.concat(parts.map(([byte, count]) => Buffer.alloc(count, byte))));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 3000 }), runs), async (data) => {
      const compressed = await join(encodeBzip2(pieces(data, 700)));
      expect((await join(decodeBzip2(pieces(compressed, 50)))).equals(data)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("bzip2 of more than one block", async () => {
  const data = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * index) >> 7));
  const compressed = await join(encodeBzip2(pieces(data, 1 << 16)));
  expect((await join(decodeBzip2(pieces(compressed, 1 << 16)))).equals(data)).toBe(true);
});

test("bzip2 as the bzip2 program writes it, two streams in a row", async () => {
  const stream = Buffer.from("QlpoOTFBWSZTWUMQ2e8AAATRgAAQQAAqqMgAIAAxANNNBABiXpGiEQUPF3JFOFCQQxDZ7w==", "base64");
  const read = await join(decodeBzip2(pieces(Buffer.concat([stream, stream]), 7)));
  expect(read.toString()).toBe("opsi package\nopsi package\n");
});

test("whatever bytes come as bzip2: a value or a typed error", async () => {
  const good = await join(encodeBzip2(pieces(Buffer.from("some text, some more text"), 30)));
  const change = fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 3 }), async (changes) => {
      const data = Buffer.from(good);
      for (const { at, value } of changes) data[at] = value;
      try {
        await join(decodeBzip2(pieces(data, 10)));
      } catch (error) {
        if (!isOpsiError(error, "ValueError")) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

test.each(["../x", "/etc/passwd", "a/../../x", "..", "a\0b"])("the name '%s' is hostile", (given) => {
  expect(() => memberPath(given, "linux")).toThrow();
});

test.each(["a\\..\\x", "c:x", "aux.txt", "trailing. "])("Windows cannot store '%s'", (given) => {
  expect(() => memberPath(given, "win32")).toThrow("Windows");
  expect(memberPath(given, "linux")).toEqual([given]);
});

test.each([
  ["/abs/x", "abs/x"],
  ["../../x", "x"],
  ["a/../../x", "x"],
  ["..", ""],
  ["a/..b/c", "a/..b/c"],
])("cpio takes '%s' for '%s'", (given, expected) => {
  expect(cpioMemberName(given)).toBe(expected);
});
