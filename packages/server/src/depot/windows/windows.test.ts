import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseFolder, updateDriverDatabase } from "./driver-database.ts";
import { decodeInf, infDevices } from "./inf.ts";
import { readWim } from "./wim.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "windows-"));
});
afterAll(() => rm(folder, { recursive: true }));

const description = `<WIM><TOTALBYTES>1</TOTALBYTES>
<IMAGE INDEX="1"><NAME>Windows 11 Pro &amp; more</NAME><WINDOWS><ARCH>9</ARCH>
<LANGUAGES><LANGUAGE>de-DE</LANGUAGE><LANGUAGE>en-US</LANGUAGE><DEFAULT>de-DE</DEFAULT></LANGUAGES>
<VERSION><MAJOR>10</MAJOR><MINOR>0</MINOR><BUILD>22000</BUILD><SPBUILD>1</SPBUILD></VERSION></WINDOWS></IMAGE>
<IMAGE INDEX="2"><NAME>Data</NAME></IMAGE></WIM>`;

function wimFile(xml: string): Buffer {
  const content = Buffer.from(`\uFEFF${xml}`, "utf16le");
  const header = Buffer.alloc(208);
  header.write("MSWIM\0\0\0", "latin1");
  header.writeUInt32LE(208, 8);
  header.writeUIntLE(content.length, 0x48, 6);
  header.writeBigUInt64LE(208n, 0x50);
  return Buffer.concat([header, content]);
}

test("the images of a WIM file", async () => {
  await writeFile(join(folder, "install.wim"), wimFile(description));
  expect(await readWim(join(folder, "install.wim"))).toEqual([
    {
      name: "Windows 11 Pro & more",
      windows: {
        ...{ architecture: "x64", major: 10, minor: 0, build: 22000 },
        ...{ languages: ["de-DE", "en-US"], defaultLanguage: "de-DE" },
      },
    },
    { name: "Data", windows: null },
  ]);
});

test("a description that lies further away than any file is long", async () => {
  const path = join(folder, "far.wim");
  const bytes = wimFile(description);
  bytes.writeBigUInt64LE(2n ** 60n, 0x50);
  await writeFile(path, bytes);
  await expect(readWim(path)).rejects.toThrow("is no WIM file: it is cut off");
});

test("whatever bytes: images or a typed error", () =>
  fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, withMagic) => {
      const path = join(folder, "hostile.wim");
      await writeFile(path, Buffer.concat([Buffer.from(withMagic ? "MSWIM\0\0\0" : "", "latin1"), bytes]));
      await readWim(path).catch((error: unknown) => expect(isOpsiError(error, "ValueError")).toBe(true));
    }),
  ));

const inf = `; a driver
[Version]
Class=Net
[Manufacturer]
%Intel% = Intel, NTamd64, NTamd64.10.0...22000, NTx86
"Other" = Other, NTamd64.10.0.1..99999 ; not for us
[Intel.NTamd64]
%Old% = Install, PCI\\VEN_8086&DEV_0001
[Intel.NTamd64.10.0...22000]
%New% = Install, \\
  PCI\\VEN_8086&DEV_1502&SUBSYS_1, pci\\ven_8086&dev_1503
%Usb% = Install.Usb, USB\\VID_0bda&PID_8153
%Sound% = Install, HDAUDIO\\FUNC_01&VEN_10EC&DEV_0233
"Text; with semicolon" = Install, PCI\\VEN_8086&DEV_1502 ; the same again
[Intel.NTx86]
%X% = Install, PCI\\VEN_8086&DEV_0086
[Other.NTamd64.10.0.1..99999]
%Y% = Install, PCI\\VEN_1234&DEV_5678
`;
const windows11 = { architecture: "x64", major: 10, minor: 0, build: 22000 };

test.each([
  [
    "the newest section that is not too new",
    windows11,
    ["PCI 8086:1502", "PCI 8086:1503", "USB 0BDA:8153", "HDAUDIO 10EC:0233"],
  ],
  ["an older system", { ...windows11, build: 19041 }, ["PCI 8086:0001"]],
  ["another architecture", { ...windows11, architecture: "x86" }, ["PCI 8086:0086"]],
])("devices of an INF file: %s", (_what, target, devices) => {
  const found = infDevices(inf, target).map(({ type, vendor, device }) => `${type} ${vendor}:${device}`);
  expect(found).toEqual(devices);
});

test("ids of devices cannot lead out of the database", () => {
  const hostile = "[Manufacturer]\n%A% = M\n[M]\n%D% = I, ACPI\\GenuineIntel_-_x86/../../../../../evil\n";
  expect(infDevices(hostile, windows11)).toEqual([{ type: "ACPI", vendor: "GENUINEINTEL", device: "X86" }]);
});

test("a section without decoration is for 32 bits, or where there is no other", () => {
  const plain = "[Manufacturer]\n%A% = Models\n[Models]\n%D% = I, PCI\\VEN_0001&DEV_0002\n";
  expect(infDevices(plain, windows11)).toHaveLength(1);
  const decorated = plain.replace("= Models\n", "= Models, NTamd64\n");
  expect(infDevices(decorated, windows11)).toHaveLength(0);
  expect(infDevices(decorated, { ...windows11, architecture: "x86" })).toHaveLength(1);
});

test("INF files in UTF-16", () => {
  expect(decodeInf(Buffer.from("\uFEFF[Version]", "utf16le"))).toBe("[Version]");
  expect(decodeInf(Buffer.from("\uFEFF[Version]", "utf16le").swap16())).toBe("[Version]");
  expect(decodeInf(Buffer.from("[Version]"))).toBe("[Version]");
});

test("the driver database of a product", async () => {
  const product = join(folder, "win11");
  const driver = join(product, "drivers/drivers/preferred/net");
  await mkdir(driver, { recursive: true });
  await mkdir(join(product, "installfiles/sources"), { recursive: true });
  await writeFile(join(product, "installfiles/sources/install.wim"), wimFile(description));
  await writeFile(join(driver, "e1d.INF"), inf);
  expect(await updateDriverDatabase(product, "win11")).toBe(4);
  // Links in circles, of which each doubles the ways to a folder
  for (const name of ["a", "b", "c"]) await symlink(join(product, "drivers"), join(driver, name));
  expect(await updateDriverDatabase(product, "win11")).toBe(4);
  expect((await readdir(product)).sort()).toEqual(["driver_db", "drivers", "installfiles"]);
  const database = await databaseFolder(product, "x64", "10.0");
  expect(database).toBe("driver_db/x64/10.0.22000");
  expect(await readlink(join(product, database ?? "", "PCI/8086/1502"))).toBe(driver);
  expect(await databaseFolder(product, "x64", "11")).toBeNull();

  await rm(join(driver, "e1d.INF"));
  expect(await updateDriverDatabase(product, "win11")).toBe(0);
  expect(await databaseFolder(product, "x64", "10.0.22000")).toBeNull();
});

test.each([
  ["no image", "empty", undefined, /No WIM files found in '.*empty'/],
  ["no Windows in it", "data", "<WIM><IMAGE><NAME>D</NAME></IMAGE></WIM>", /No target OS versions found/],
])("a product with %s", async (_what, name, xml, error) => {
  await mkdir(join(folder, name, "images"), { recursive: true });
  if (xml === undefined) await rm(join(folder, name, "images"), { recursive: true });
  else await writeFile(join(folder, name, "images/x.wim"), wimFile(xml));
  await expect(updateDriverDatabase(join(folder, name), name)).rejects.toThrow(error);
});
