import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { isOpsiError } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { tarEnd, tarHeader, tarPadding, type WrittenMember } from "./archive/tar-writer.ts";
import { writeCompanionFiles } from "./companion-files.ts";
import { inWorker } from "./in-worker.ts";
import { listPackage } from "./list-package.ts";
import { makePackage } from "./make-package.ts";
import { readPackage } from "./read-package.ts";
import { extractPackage, unpackPackage } from "./unpack-package.ts";

let folder: string;
let source: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  source = join(folder, "source");
  await mkdir(join(source, "OPSI"), { recursive: true });
  await mkdir(join(source, "CLIENT_DATA"));
  await writeFile(join(source, "OPSI/control"), control);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const control = "[Package]\nversion: 1\n[Product]\ntype: localboot\nid: p\nversion: 1.0\n";

interface Content extends Partial<WrittenMember> {
  readonly name: string;
  readonly data?: string;
}

const file = (name: string, data = ""): Content => ({ name, data });
const symbolic = (name: string, target: string): Content => ({ name, type: "symlink", target });
const hard = (name: string, target: string): Content => ({ name, type: "hardlink", target });

function tar(contents: readonly Content[]): Buffer {
  const parts = contents.flatMap(({ data = "", ...given }) => {
    const size = Buffer.byteLength(data);
    const member = { type: "file", mode: 0o644, size, modified: 1.5, target: "", ...given } as const;
    return [headerOf(member), Buffer.from(data), tarPadding(size)];
  });
  return Buffer.concat([...parts, tarEnd(0)]);
}

/** The writer knows no devices and pipes: their flag, and by as much the checksum, is changed afterwards. */
function headerOf(member: WrittenMember): Buffer {
  const header = tarHeader(member);
  const flag = { device: "3", pipe: "6" }[String(member.type)];
  if (flag === undefined) return header;
  const sum = Number.parseInt(header.toString("latin1", 148, 154), 8) + Number(flag);
  header.write(flag, 156);
  header.write(sum.toString(8).padStart(6, "0"), 148);
  return header;
}

/** A package with a good OPSI archive and these members of CLIENT_DATA. */
async function packageOf(
  contents: readonly Content[],
  opsi: readonly Content[] = [file("control", control)],
): Promise<string> {
  const path = join(folder, "p_1.0-1.opsi");
  const archives = { "OPSI.tar.zstd": opsi, "CLIENT_DATA.tar.zstd": contents };
  const members = Object.entries(archives).map(([name, members]) => {
    const data = zstdCompressSync(tar(members));
    const header = tarHeader({ name, type: "file", mode: 0o644, size: data.length, modified: 0, target: "" });
    return Buffer.concat([header, data, tarPadding(data.length)]);
  });
  await writeFile(path, Buffer.concat([...members, tarEnd(0)]));
  return path;
}

/** Names below a folder. readdir goes through links to directories, which tells nothing new. */
const treeOf = async (path: string) =>
  (await readdir(path, { recursive: true })).filter((name) => !name.startsWith("link/")).sort();

test.each<[what: string, ...contents: Content[]]>([
  ["a name that leads out", file("../x")],
  ["an absolute name", file("/tmp/x")],
  ["a link out of the tree", symbolic("l", "../../x")],
  ["an absolute link", symbolic("l", "/etc/passwd")],
  ["a link to another top directory", symbolic("l", "../OPSI/control")],
  [
    "a link that leads out through another link",
    file("top/x"),
    symbolic("a/b/l", "../../top"),
    symbolic("m", "a/b/l/../../.."),
  ],
  ["a link that becomes hostile later", symbolic("m", "d/../x"), symbolic("d", "e/.."), symbolic("e", "..")],
  ["a file below a link out", symbolic("l", ".."), file("l/x")],
  ["a hard link out", hard("h", "../OPSI/control")],
  ["a hard link to a link out", symbolic("l", ".."), hard("h", "l/OPSI/control")],
  ["a hard link to nothing", hard("h", "missing")],
  ["a hard link to a link", file("a"), symbolic("l", "a"), hard("h", "l")],
  ["a device", { name: "d", type: "device" }],
  ["a pipe", { name: "p", type: "pipe" }],
  ["a file and directory of one name", file("a"), file("a/b")],
  ["a directory and then a file of that name", file("a/b"), file("a")],
  ["a file without name", file(".")],
  // The names of its folders took all memory.
  ["a name that is too long", file(`${"a/".repeat(500_000)}x`)],
  ["a link target that is too long", symbolic("l", "a/".repeat(5000))],
  ["links in a circle", symbolic("a", "b"), symbolic("b", "a"), file("a/x")],
])("refused, and nothing is left: %s", async (_what, ...contents) => {
  const path = await packageOf(contents);
  const before = await treeOf(folder);
  for (const unpack of [extractPackage, unpackPackage]) {
    await expect(unpack(path, join(folder, "target"))).rejects.toSatisfy((error) => isOpsiError(error, "ValueError"));
  }
  expect(await treeOf(folder)).toEqual(before);
});

test.each<[what: string, ...contents: Content[]]>([
  ["a name that leads out", file("../x")],
  ["a link for control", symbolic("control", "../../x")],
  ["a link out beside control", file("control", control), symbolic("x", "/etc")],
])("refused when only the control file is read: %s", async (_what, ...opsi) => {
  const path = await packageOf([], opsi);
  await expect(readPackage(path)).rejects.toMatchObject({ fault: "hostile" });
});

test("links within the tree are followed, later members replace earlier ones", async () => {
  const path = await packageOf([
    file("dir/a", "a"),
    symbolic("link", "dir"),
    file("link/b", "b"),
    symbolic("c", "dir/a"),
    file("c", "not through the link"),
    hard("d", "dir/a"),
    file("d", "not into the other file"),
    hard("same", "dir/b"),
  ]);
  const target = join(folder, "target");
  await extractPackage(path, target);
  const data = join(target, "CLIENT_DATA");
  expect(await treeOf(data)).toEqual(["c", "d", "dir", "dir/a", "dir/b", "link", "same"]);
  expect(await readFile(join(data, "dir/a"), "utf8")).toBe("a");
  expect(await readFile(join(data, "dir/b"), "utf8")).toBe("b");
  expect((await lstat(join(data, "dir/b"))).nlink).toBe(2);
  expect((await lstat(join(data, "link"))).isSymbolicLink()).toBe(true);
});

test("set-id bits are dropped unless asked for, other modes and times kept", async () => {
  const path = await packageOf([
    { ...file("f"), mode: 0o6711, modified: 1_000_000_000.25 },
    { ...file("d/x"), mode: 0o400 },
    { name: "d", type: "directory", mode: 0o500, modified: 1_000_000_000 },
  ]);
  await extractPackage(path, join(folder, "a"));
  await extractPackage(path, join(folder, "b"), { keepSetIdBits: true });
  const modeOf = async (name: string) => ((await lstat(join(folder, name))).mode & 0o7777).toString(8);
  expect(await modeOf("a/CLIENT_DATA/f")).toBe("711");
  expect(await modeOf("b/CLIENT_DATA/f")).toBe("6711");
  expect(await modeOf("a/CLIENT_DATA/d")).toBe("500");
  expect((await lstat(join(folder, "a/CLIENT_DATA/f"))).mtimeMs).toBe(1_000_000_000_250);
  expect((await lstat(join(folder, "a/CLIENT_DATA/d"))).mtimeMs).toBe(1_000_000_000_000);
});

test("a bomb is refused", async () => {
  const path = await packageOf([file("zeros", "\0".repeat(100 << 20))]);
  await expect(extractPackage(path, join(folder, "target"))).rejects.toMatchObject({ fault: "hostile" });
  expect(existsSync(join(folder, "target"))).toBe(false);
});

test("a package that is cut off anywhere is refused and leaves nothing", async () => {
  const path = await packageOf([file("a", "x".repeat(5000)), file("b", "y")]);
  const whole = await readFile(path);
  for (let size = whole.length - 10_240 - 1; size > 0; size -= 271) {
    await truncate(path, size);
    await expect(extractPackage(path, join(folder, "target")), `${size} bytes`).rejects.toSatisfy((error) =>
      isOpsiError(error),
    );
    await writeFile(path, whole);
  }
  expect((await readdir(folder)).sort()).toEqual(["p_1.0-1.opsi", "source"]);
});

test("an aborted extraction leaves nothing", async () => {
  const path = await packageOf([file("a", "x".repeat(3_000_000))]);
  const abort = new AbortController();
  const options = { signal: abort.signal, onProgress: () => abort.abort() };
  await expect(extractPackage(path, join(folder, "target"), options)).rejects.toThrow("aborted");
  expect((await readdir(folder)).sort()).toEqual(["p_1.0-1.opsi", "source"]);
});

test("what is made is what was there", async () => {
  const data = join(source, "CLIENT_DATA");
  await mkdir(join(data, "sub/empty"), { recursive: true });
  await writeFile(join(data, "sub/large"), Buffer.alloc(1_200_001, "large"));
  await writeFile(join(data, "small"), "small");
  await writeFile(join(data, "small~"), "left out");
  await link(join(data, "small"), join(data, "twin"));
  await symlink("small", join(data, "link"));
  for (const compression of ["zstd", "gz", "bz2"] as const) {
    const progress: string[] = [];
    const { path } = await makePackage(source, {
      ...{ destination: folder, compression, overwrite: true },
      onProgress: ({ name }) => progress.push(name),
    });
    const target = join(folder, compression);
    await extractPackage(path, target);
    expect(await treeOf(target)).toEqual(
      [
        "CLIENT_DATA",
        "OPSI",
        "OPSI/control",
        ...["link", "small", "sub", "sub/empty", "sub/large", "twin"].map((name) => `CLIENT_DATA/${name}`),
      ].sort(),
    );
    expect((await readFile(join(target, "CLIENT_DATA/sub/large"))).equals(Buffer.alloc(1_200_001, "large"))).toBe(true);
    expect(await readFile(join(target, "CLIENT_DATA/twin"), "utf8")).toBe("small");
    expect(progress).toContain("sub/large");
    expect((await listPackage(path)).map(({ name }) => name)).toEqual([
      `OPSI.tar.${compression}`,
      `CLIENT_DATA.tar.${compression}`,
    ]);
  }
});

test("data of many chunks come out of the compressor complete and in order", async () => {
  const data = Buffer.alloc(30_000_000);
  for (let offset = 0; offset < data.length; offset += 4)
    data.writeUInt32LE(Math.imul(offset, 2654435761) >>> 0, offset);
  await writeFile(join(source, "CLIENT_DATA/noise"), data);
  const { path } = await makePackage(source, { destination: folder });
  await extractPackage(path, join(folder, "target"));
  expect((await readFile(join(folder, "target/CLIENT_DATA/noise"))).equals(data)).toBe(true);
});

test.each<[message: string, prepare: (source: string) => Promise<unknown>]>([
  ["OPSI directory not found in", (source) => rm(join(source, "OPSI"), { recursive: true })],
  ["No control file found.", (source) => rm(join(source, "OPSI/control"))],
  [
    "No control file found.",
    async (source) => {
      await rm(join(source, "OPSI/control"));
      execFileSync("mkfifo", [join(source, "OPSI/control")]); // nobody writes into it
    },
  ],
  ["Control file of", (source) => truncate(join(source, "OPSI/control"), 100 << 20)],
  ["is a link out of the package", (source) => symlink("/etc/passwd", join(source, "CLIENT_DATA/l"))],
  ["is a link to a directory that contains it", (source) => symlink("..", join(source, "CLIENT_DATA/l"))],
  ["is a device, pipe or socket", async (source) => execFileSync("mkfifo", [join(source, "CLIENT_DATA/p")])],
])("a source that cannot be packed: %s", async (message, prepare) => {
  await prepare(source);
  await expect(makePackage(source, { destination: folder })).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual(["source"]);
});

test("a package that is there is only replaced when asked", async () => {
  await makePackage(source, { destination: folder });
  await expect(makePackage(source, { destination: folder })).rejects.toThrow("already exists");
  await makePackage(source, { destination: folder, overwrite: true });
});

test("a new package does not get the sums of the old one, also when it is interrupted before its own", async () => {
  const { path } = await makePackage(source, { destination: folder });
  await writeCompanionFiles(path);
  await writeFile(join(source, "CLIENT_DATA/new"), "new");
  await makePackage(source, { destination: folder, overwrite: true });
  expect((await readdir(folder)).sort()).toEqual(["p_1.0-1.opsi", "source"]);
});

// The size of an archive of more than 8 GiB needs it, and is known only when the archive is written behind its header.
test("every archive of a package has an extended header, also in a whole second", async () => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { path } = await makePackage(source, { destination: folder });
  expect((await readFile(path)).toString("latin1", 156, 157)).toBe("x");
});

test("nothing but a folder is replaced by one", async () => {
  const { path } = await makePackage(source, { destination: folder });
  await expect(extractPackage(path, path, { overwrite: true })).rejects.toThrow("is no folder");
  expect(existsSync(path)).toBe(true);
});

test("an empty file is no package", async () => {
  const path = join(folder, "p_1.0-1.opsi");
  await writeFile(path, "");
  await expect(unpackPackage(path, join(folder, "target"))).rejects.toMatchObject({ fault: "damaged" });
});

test("in a worker thread: result, typed error, abort", async () => {
  const { path } = await inWorker("makePackage", [source, { destination: folder }]);
  const { product } = await inWorker("extractPackage", [path, join(folder, "target")]);
  expect(product["id"]).toBe("p");
  const hostile = await packageOf([file("../x")]);
  await expect(inWorker("extractPackage", [hostile, join(folder, "x")])).rejects.toMatchObject({ fault: "hostile" });
  await writeFile(join(source, "CLIENT_DATA/large"), Buffer.alloc(50_000_000, "x"));
  const abort = new AbortController();
  const made = inWorker("makePackage", [source, { destination: join(folder, "target") }], {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(made).rejects.toThrow("aborted");
  // The thread goes on to the next task, and there is one for each of several at once
  const sums = await Promise.all(["x", "x", "x"].map(() => inWorker("md5OfFile", [join(source, "OPSI/control")])));
  expect(sums).toEqual(Array(3).fill(createHash("md5").update(control).digest("hex")));
  expect((await readdir(join(folder, "target"))).sort()).toEqual(["CLIENT_DATA", "OPSI"]);
});

test.runIf(process.getuid?.() === 0 && process.platform === "linux")("a full disk leaves nothing behind", async () => {
  const disk = join(folder, "disk");
  await mkdir(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
  try {
    const data = Buffer.alloc(3_000_000);
    for (let index = 0; index < data.length; index++) data[index] = Math.imul(index * index + 7, 2654435761) >>> 24;
    await writeFile(join(source, "CLIENT_DATA/noise"), data);
    await expect(makePackage(source, { destination: disk })).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await readdir(disk)).toEqual([]);
    const { path } = await makePackage(source, { destination: folder });
    await expect(extractPackage(path, join(disk, "target"))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await readdir(disk)).toEqual([]);
  } finally {
    execFileSync("umount", [disk]);
  }
});
