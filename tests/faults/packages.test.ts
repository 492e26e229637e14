import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, client, FaultSite, plain, tolerableWait, whileWatched } from "./fault-site.ts";
import { seed } from "./seed.ts";

/* A package that wants to do harm is refused and leaves nothing. (packages 1.3, 3.3) */

let site: FaultSite;
beforeAll(async () => {
  site = await FaultSite.start();
  await seed(site);
  for (const login of [admin, client, plain]) await site.call(login, "backend_info");
});
afterAll(() => site[Symbol.asyncDispose]());

type Entry = readonly [header: Partial<Header> & { readonly name: string }, content?: string | Buffer];

async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const [header, content = ""] of entries) archive.entry(header, content);
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Buffer>));
}

const control = (id: string, more = "") => `[Package]
version: 1
depends:

[Product]
type: localboot
id: ${id}
name: evil
version: 1.0
priority: 0
licenseRequired: False
setupScript: setup.opsiscript
${more}`;

const good: Entry = [{ name: "control" }, control("evil")];

/** A package whose archives hold these entries. */
async function makePackage(parts: {
  readonly opsi?: readonly Entry[];
  readonly data?: readonly Entry[];
  readonly outer?: readonly Entry[];
}): Promise<Buffer> {
  const { opsi = [good], data = [], outer = [] } = parts;
  return tar([
    [{ name: "OPSI.tar.gz" }, gzipSync(await tar(opsi))],
    [{ name: "CLIENT_DATA.tar.zstd" }, zstdCompressSync(await tar(data))],
    ...outer,
  ]);
}

const file = (name: string, content = "evil"): Entry => [{ name }, content];
const link = (name: string, linkname: string, type: "symlink" | "link" = "symlink"): Entry => [
  { name, linkname, type },
];
const hole = (bytes: number) => Buffer.alloc(bytes);

const hostile: readonly (readonly [what: string, make: () => Promise<Buffer>])[] = [
  ["a name with two dots", () => makePackage({ data: [file("../../../../../../tmp/opsi-evil")] })],
  ["two dots in the middle", () => makePackage({ data: [file("a/../../evil")] })],
  ["an absolute name", () => makePackage({ data: [file("/tmp/opsi-evil")] })],
  ["a link out", () => makePackage({ data: [link("out", "../../../../etc")] })],
  ["an absolute link", () => makePackage({ data: [link("out", "/etc/passwd")] })],
  ["a link and a file through it", () => makePackage({ data: [link("out", ".."), file("out/evil")] })],
  ["links in two steps", () => makePackage({ data: [link("a", "b"), link("b", ".."), file("a/evil")] })],
  ["a hard link out", () => makePackage({ data: [link("out", "../../../etc/passwd", "link")] })],
  ["an absolute hard link", () => makePackage({ data: [link("out", "/etc/passwd", "link")] })],
  [
    "a character device",
    () => makePackage({ data: [[{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }]] }),
  ],
  ["a block device", () => makePackage({ data: [[{ name: "disk", type: "block-device", devmajor: 8, devminor: 0 }]] })],
  ["a pipe", () => makePackage({ data: [[{ name: "pipe", type: "fifo" }]] })],
  ["a bomb", () => makePackage({ data: [file("zeros", hole(1 << 28).toString("latin1"))] })],
  ["an archive in the package with a path", () => makePackage({ outer: [file("../evil.tar")] })],
  ["a folder in the package", () => makePackage({ outer: [[{ name: "x", type: "directory" }]] })],
  ["a link among the archives", () => makePackage({ outer: [link("SERVER_DATA.tar", "/etc/passwd")] })],
  ["no control file", () => makePackage({ opsi: [file("other")] })],
  ["an empty control file", () => makePackage({ opsi: [file("control", "")] })],
  ["a product id with a path", () => makePackage({ opsi: [file("control", control("../../evil"))] })],
  ["a product id with SQL", () => makePackage({ opsi: [file("control", control("x'; DROP TABLE HOST; --"))] })],
  ["a version with a path", () => makePackage({ opsi: [file("control", control("evil").replace("1.0", "../1"))] })],
  ["a control file that is a link", () => makePackage({ opsi: [link("control", "/etc/opsi/opsi.conf")] })],
  [
    "a control file with a huge line",
    () => makePackage({ opsi: [file("control", control("evil", `x: ${"y".repeat(5_000_000)}`))] }),
  ],
  [
    "a control file that is larger than any",
    () => makePackage({ opsi: [file("control", control("evil", `x: ${"y".repeat(64 << 20)}`))] }),
  ],
  [
    "a truncated archive",
    async () => (await makePackage({ data: [[{ name: "a" }, randomBytes(100_000)]] })).subarray(0, -90_000),
  ],
  [
    "a damaged archive",
    async () => (await makePackage({})).map((byte, index) => (index === 530 ? byte ^ 0xff : byte)) as Buffer,
  ],
  ["nothing", async () => Buffer.alloc(0)],
  ["text", async () => Buffer.from("this is no package".repeat(100))],
  ["zeros", async () => hole(10_240)],
  ["gzip in gzip", async () => gzipSync(gzipSync(hole(100_000)))],
  ["a compressed bomb", async () => gzipSync(hole(1 << 28), { level: 9 })],
];

test.each(hostile)("%s", async (_what, make) => {
  const folder = join(site.root, "var/lib/opsi/repository");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "evil_1.0-1.opsi"), await make());
  mkdirSync(join(site.root, "var/lib/opsi/tmp"), { recursive: true });
  const before = site.snapshot();
  const path = "/var/lib/opsi/repository/evil_1.0-1.opsi";
  const { result, longest } = await whileWatched(site, site.call(admin, "depot_installPackage", path));
  expect(result.error).toMatchObject({
    class: "BackendError",
    message: expect.stringContaining("Failed to install package"),
  });
  expect(result.error?.message).not.toContain("Internal server error");
  expect(result.error?.message).not.toContain(site.root);
  expect(longest).toBeLessThan(tolerableWait);
  expect(site.snapshot()).toEqual(before);
  expect(existsSync("/tmp/opsi-evil")).toBe(false);
});

test.each([
  ...[
    "/etc/passwd",
    "/etc",
    "/dev/zero",
    "/proc/self/environ",
    "../../etc/passwd",
    "",
    "/var/lib/opsi/repository/",
    "\0",
  ],
  "/var/lib/opsi/repository/missing.opsi",
])("the file %j is no package, and nobody learns what is in it", async (path) => {
  const before = site.snapshot();
  const { error } = await site.call(admin, "depot_installPackage", path);
  expect(error?.class).toMatch(/BackendError|BackendIOError|ValueError/);
  expect(error?.message).not.toContain("root:");
  for (const login of [client, plain]) {
    expect((await site.call(login, "depot_installPackage", path)).error?.class).toBe("OpsiServicePermissionError");
  }
  expect(site.snapshot()).toEqual(before);
});

test("names of folders that are given lead nowhere else", async () => {
  const before = site.snapshot();
  for (const id of ["../etc", "..", "/", "", "*", "a/b", "\0", "..\\x"]) {
    for (const [method, ...params] of [
      ["depot_uninstallPackage", id, true, true],
      ["depot_createPackageContentFile", id],
      ["workbench_buildPackage", `../${id}`],
      ["workbench_installPackage", `../../${id}`],
    ]) {
      const { error } = await site.call(admin, String(method), ...params);
      expect([method, id, error?.class]).toEqual([method, id, expect.stringMatching(/Error$/)]);
    }
  }
  expect(site.snapshot()).toEqual(before);
});
