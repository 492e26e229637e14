import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BoolProductProperty,
  fromHash,
  isOpsiError,
  OpsiClient,
  OpsiConfigserver,
  type OpsiObject,
  ProductOnClient,
  ProductPropertyState,
  UnicodeConfig,
} from "@opsi-ts/model";
import { makePackage } from "@opsi-ts/opsi-package";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import type { Depot } from "./depot.ts";
import { type DepotData, storedDepotData } from "./depot-data.ts";
import { createMd5SumFile, createPackageContentFile, createZsyncFile, diskSpaceUsage, md5Sum } from "./depot-files.ts";
import { installPackage } from "./install-package.ts";
import { recoverDepot } from "./product-folder.ts";
import { uninstallPackage } from "./uninstall-package.ts";
import { buildPackage, installFromWorkbench } from "./workbench.ts";

const depotId = "depot.example.org";
const clientId = "client.example.org";

let root: string;
let storage: SqliteStorage;
let data: DepotData;
let depot: Depot;
const lines: string[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "depot-"));
  const state = join(root, "var/lib/opsi");
  const folders = {
    root,
    state,
    depot: join(state, "depot"),
    temporary: join(state, "tmp"),
    boot: join(root, "tftpboot"),
  };
  await mkdir(folders.depot, { recursive: true });
  storage = await SqliteStorage.open(join(root, "data.sqlite"));
  data = storedDepotData(storage);
  await data.create("host", [fromHash(OpsiConfigserver, { id: depotId }), fromHash(OpsiClient, { id: clientId })]);
  lines.length = 0;
  const note = (_fields: object, message: string) => void lines.push(message);
  const log = { info: note, warning: note, error: note };
  depot = { id: depotId, data, folders, serverVersion: "4.3", owner: { user: null, group: "-" }, log };
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const header = (version: string) => `[Product]\ntype: localboot\nid: p\nversion: ${version}\n`;

/** A package of the product `p`. */
async function packageOf(version: string, more = "", files: Record<string, string> = {}): Promise<string> {
  const source = await mkdtemp(join(root, "source-"));
  const all = { "OPSI/control": header(version) + more, "CLIENT_DATA/setup.opsiscript": version, ...files };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(join(source, name, ".."), { recursive: true });
    await writeFile(join(source, name), content);
  }
  return (await makePackage(source, { destination: source })).path;
}

const productFolder = () => join(depot.folders.depot, "p");
const setup = () => readFile(join(productFolder(), "setup.opsiscript"), "utf8");
const onDepot = async () => (await data.read("productOnDepot", { productId: "p" }))[0];
const states = async (objectId: string) => {
  const found = await data.read("productPropertyState", { productId: "p", objectId });
  return Object.fromEntries(found.map(({ propertyId, values }) => [propertyId, values]));
};
const state = (propertyId: string, values: unknown[], objectId = clientId) =>
  fromHash(ProductPropertyState, { productId: "p", propertyId, objectId, values });
const property = (name: string, values: string[], value: string) =>
  `[ProductProperty]\nname: ${name}\nvalues: ${JSON.stringify(values)}\ndefault: ${JSON.stringify([value])}\n`;

test("a new version takes the place of the old one", async () => {
  await installPackage(depot, await packageOf("1", "", { "CLIENT_DATA/old": "" }));
  await installPackage(depot, await packageOf("2"));
  expect(await onDepot()).toMatchObject({ productVersion: "2", locked: false });
  expect((await data.read("product", {})).map(({ productVersion }) => productVersion)).toEqual(["2"]);
  expect((await readdir(productFolder())).sort()).toEqual(["p.files", "setup.opsiscript"]);
  expect(await readdir(depot.folders.depot)).toEqual(["p"]);
  expect(await readdir(depot.folders.temporary)).toEqual([]);
});

test("a locked product is only installed by force", async () => {
  const path = await packageOf("1", "", { "OPSI/preinst": "#!/bin/sh\nexit 1\n" });
  await expect(installPackage(depot, path)).rejects.toThrow(
    `Failed to install package '${path}' on depot '${depotId}'`,
  );
  expect(await onDepot()).toMatchObject({ locked: true });
  expect(existsSync(productFolder())).toBe(false);
  const good = await packageOf("2");
  await expect(installPackage(depot, good, { force: "False" })).rejects.toThrow(
    "Product 'p' currently locked on depot 'depot.example.org', use argument 'force' to ignore",
  );
  await installPackage(depot, good, { force: "True" });
  expect(await onDepot()).toMatchObject({ locked: false, productVersion: "2" });
});

test("of two installations at once only one gets the lock", async () => {
  const path = await packageOf("1", "", { "OPSI/preinst": "#!/bin/sh\n/bin/sleep 0.5\n" });
  const results = await Promise.allSettled([installPackage(depot, path), installPackage(depot, path)]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await onDepot()).toMatchObject({ locked: false });
});

test.each([
  ["other", "Dependent package 'other' not installed"],
  ["q*", "Dependent package 'q*' not installed"],
  ["q (> 1-1)", "PackageDependency(package='q', version='1-1', condition='>') (available version: 1-1)"],
])("a package that depends on %s", async (depends, message) => {
  await installPackage(depot, await packageOf("1"), { forceProductId: "Q" });
  const path = await packageOf("1", `[Package]\ndepends: ${depends}\n`);
  const error = await installPackage(depot, path, { force: true }).catch((thrown: unknown) => thrown);
  expect(isOpsiError(error, "BackendError")).toBe(true);
  expect(String(error)).toContain(`Backend unaccomplishable error: `);
  expect(String(error)).toContain(message);
  expect(await onDepot()).toMatchObject({ locked: true });
});

test("the script sees the version that was there, and its output is in the log", async () => {
  await installPackage(depot, await packageOf("1"));
  const script =
    '#!/bin/sh\necho "$OLD_PRODUCT_VERSION-$OLD_PACKAGE_VERSION to $PRODUCT_VERSION in $CLIENT_DATA_DIR"\n';
  await installPackage(depot, await packageOf("2", "", { "OPSI/postinst": script }));
  expect(lines).toContain(`1-1 to 2 in ${productFolder()}`);
});

test("the content file has what a script made of the files, not what was unpacked", async () => {
  const script = '#!/bin/sh\necho abc > "$CLIENT_DATA_DIR/changed"\n';
  const files = { "OPSI/postinst": script, "CLIENT_DATA/changed": "xyz\n", "CLIENT_DATA/same": "xyz\n" };
  await installPackage(depot, await packageOf("2", "", files));
  expect((await readFile(join(productFolder(), "p.files"), "utf8")).split("\n")).toEqual([
    "f 'changed' 4 0bee89b07a248e27c83fc3d5951213c1",
    "f 'same' 4 b6273b589df2dfdbd8fe35b1011e3183",
    expect.stringMatching(/^f 'setup.opsiscript' 1 [0-9a-f]{32}$/),
  ]);
});

test("property values: of the caller, of the package, and none that are not possible", async () => {
  const path = await packageOf(
    "1",
    property("a", ["x", "y"], "x") + property("b", ["x", "y"], "x") + property("c", ["x"], "x"),
  );
  await installPackage(depot, path, { propertyDefaultValues: { a: ["y", "z"], b: ["z"], c: null, unknown: ["1"] } });
  expect(await states(depotId)).toEqual({ a: ["y"], b: ["x"], c: ["x"] });
});

test("what clients have set is kept where it is still possible", async () => {
  await installPackage(depot, await packageOf("1", property("a", ["x", "Y"], "x") + property("gone", ["x"], "x")));
  await data.create("productPropertyState", [state("a", ["Y"]), state("gone", ["x"])]);
  await installPackage(depot, await packageOf("2", property("a", ["x", "y"], "x")));
  // The old version's properties still exist at that time, so this state only goes with the next installation
  expect(await states(clientId)).toEqual({ a: ["y"], gone: ["x"] });
  await installPackage(depot, await packageOf("3", property("a", ["x"], "x")));
  expect(await states(clientId)).toEqual({});
});

test("a property that becomes bool keeps the client's choice", async () => {
  await installPackage(depot, await packageOf("1", property("a", ["yes", "no"], "no")));
  await data.create("productPropertyState", [state("a", ["yes"])]);
  await installPackage(depot, await packageOf("2", "[ProductProperty]\ntype: bool\nname: a\ndefault: False\n"));
  expect((await data.read("productProperty", { productId: "p" })).map(({ type }) => type)).toEqual([
    BoolProductProperty.name,
  ]);
  expect(await states(clientId)).toEqual({ a: [true] });
});

test("server data stay within the folders that are allowed", async () => {
  const outside = join(root, "outside");
  await mkdir(outside);
  await mkdir(join(root, "tmp"));
  await symlink(outside, join(root, "tmp/link"));
  await writeFile(join(outside, "kept"), "kept");
  await symlink(join(outside, "kept"), join(root, "tmp/file"));
  await installPackage(
    depot,
    await packageOf("1", "", {
      "SERVER_DATA/etc/passwd": "x",
      "SERVER_DATA/tmp/link/x": "x",
      "SERVER_DATA/tmp/file": "new",
      "SERVER_DATA/tftpboot/kernel": "boot",
      "SERVER_DATA/var/lib/opsi/public/a": "a",
    }),
  );
  expect(lines).toContain("files of SERVER_DATA were left out");
  expect(existsSync(join(root, "etc"))).toBe(false);
  expect(await readdir(outside)).toEqual(["kept"]);
  expect(await readFile(join(outside, "kept"), "utf8")).toBe("kept");
  expect(await readFile(join(root, "tmp/file"), "utf8")).toBe("new");
  expect(await readFile(join(depot.folders.boot, "kernel"), "utf8")).toBe("boot");
  expect(await readFile(join(depot.folders.state, "public/a"), "utf8")).toBe("a");
});

test("a package that cannot be read changes nothing", async () => {
  await installPackage(depot, await packageOf("1"));
  const broken = join(root, "p_2-1.opsi");
  await writeFile(broken, "no package");
  await expect(installPackage(depot, broken)).rejects.toThrow("only gz, bzip2, zstd, cpio and tar files are accepted");
  await expect(installPackage(depot, join(root, "missing.opsi"))).rejects.toThrow(
    "does not exist or can not be accessed",
  );
  expect(await onDepot()).toMatchObject({ productVersion: "1", locked: false });
  expect(await setup()).toBe("1");
});

test("a package without client data gives an empty folder", async () => {
  const source = await mkdtemp(join(root, "source-"));
  await mkdir(join(source, "OPSI"));
  await writeFile(join(source, "OPSI/control"), header("1"));
  await installPackage(depot, (await makePackage(source, { destination: source })).path);
  expect(await readdir(productFolder())).toEqual(["p.files"]);
});

test("after a killed installation the old folder is there, and force helps", async () => {
  await installPackage(depot, await packageOf("1"));
  const path = await packageOf("2", "", { "OPSI/preinst": "#!/bin/sh\necho started\n/bin/sleep 30\n" });
  const program = `
    import { SqliteStorage } from ${JSON.stringify(new URL("../backends/sql/sqlite/sqlite-storage.ts", import.meta.url).href)};
    import { storedDepotData } from ${JSON.stringify(new URL("./depot-data.ts", import.meta.url).href)};
    import { installPackage } from ${JSON.stringify(new URL("./install-package.ts", import.meta.url).href)};
    const storage = await SqliteStorage.open(${JSON.stringify(join(root, "data.sqlite"))});
    const log = { info: (_fields, line) => console.log(line), warning() {}, error() {} };
    const rest = ${JSON.stringify({ id: depot.id, folders: depot.folders, serverVersion: "4.3", owner: depot.owner })};
    await installPackage({ ...rest, log, data: storedDepotData(storage) }, ${JSON.stringify(path)});`;
  await writeFile(join(root, "install.ts"), program);
  const child = spawn(process.execPath, [join(root, "install.ts")], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const output of child.stdout) if (String(output).includes("started")) break;
  child.kill("SIGKILL");
  await once(child, "close");

  expect(await setup()).toBe("1");
  expect(await onDepot()).toMatchObject({ productVersion: "2", locked: true });
  await expect(installPackage(depot, path)).rejects.toThrow("currently locked");
  expect(await readdir(depot.folders.temporary)).toHaveLength(1);
  await recoverDepot(depot.folders);
  expect(await readdir(depot.folders.temporary)).toEqual([]);
  await installPackage(depot, await packageOf("2"), { force: true });
  expect(await setup()).toBe("2");
  expect(await onDepot()).toMatchObject({ locked: false });
});

test("at the next start unfinished folders are cleared up", async () => {
  const folder = depot.folders.depot;
  const id = "01234567-89ab-cdef-0123-456789abcdef";
  for (const name of [`.a.replaced-${id}`, `.b.replaced-${id}`, "b", `.c.new-${id}`, ".d"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "from"), name);
  }
  await recoverDepot(depot.folders);
  expect((await readdir(folder)).sort()).toEqual([".d", "a", "b"]);
  expect(await readFile(join(folder, "b/from"), "utf8")).toBe("b");
});

test("rights: executable files stay so for whom may read them, links are left alone", async () => {
  const path = await packageOf("1", "", { "CLIENT_DATA/sub/tool": "x" });
  await installPackage(depot, path);
  const mode = async (name: string) => ((await lstat(join(productFolder(), name))).mode & 0o7777).toString(8);
  expect([await mode("."), await mode("sub"), await mode("sub/tool"), await mode("p.files")]).toEqual([
    "2770",
    "2770",
    "660",
    "660",
  ]);
});

const onClient = (values: object) =>
  fromHash(ProductOnClient, { productId: "p", productType: "LocalbootProduct", clientId, ...values });

test("uninstalling takes folder and entry away, and pending requests", async () => {
  await installPackage(depot, await packageOf("1", property("a", ["x"], "x")));
  await mkdir(join(depot.folders.depot, "P"));
  await data.create("productOnClient", [onClient({ installationStatus: "installed", actionRequest: "setup" })]);
  await uninstallPackage(depot, "p", { force: "False", deleteFiles: "True" });
  expect(await onDepot()).toBeUndefined();
  expect(await readdir(depot.folders.depot)).toEqual([]);
  expect(await data.read("productOnClient", {})).toMatchObject([
    { installationStatus: "installed", actionRequest: "none" },
  ]);
  expect(await data.read("product", {})).toHaveLength(1);
  expect(await states(depotId)).toEqual({ a: ["x"] });
  await expect(uninstallPackage(depot, "p")).rejects.toThrow(
    "Product 'p' is not installed on depot 'depot.example.org'",
  );
});

test("a site can forbid to uninstall what clients use", async () => {
  await installPackage(depot, await packageOf("1"));
  await data.create("config", [
    fromHash(UnicodeConfig, { id: "allow_to_remove_package_in_use", defaultValues: ["false"] }),
  ]);
  await data.create("productOnClient", [onClient({ installationStatus: "installed", actionRequest: "setup" })]);
  await expect(uninstallPackage(depot, "p")).rejects.toThrow(
    "Product 'p' currently installed on 1 clients action requests set on 1 clients, use argument 'force' to ignore",
  );
  await uninstallPackage(depot, "p", { force: true, deleteFiles: "false" });
  expect(await data.read("productOnClient", {})).toMatchObject([{ actionRequest: "setup" }]);
  expect(existsSync(productFolder())).toBe(true);
});

test("a locked product is only uninstalled by force", async () => {
  await installPackage(depot, await packageOf("1"));
  const [object] = (await data.read("productOnDepot", {})) as [OpsiObject];
  await data.update("productOnDepot", [{ ...object, locked: true }]);
  await expect(uninstallPackage(depot, "p")).rejects.toThrow("currently locked");
  await uninstallPackage(depot, "p", { force: true });
});

test("companion files and sums", async () => {
  const path = await packageOf("1");
  await createMd5SumFile(depot, path, `${path}.md5`);
  await createZsyncFile(depot, path, `${path}.zsync`);
  expect(await md5Sum(path)).toBe(await md5Sum(path, true));
  await writeFile(`${path}.md5`, "as it stands\n");
  expect(await md5Sum(path)).toBe("as it stands\n");
  await expect(createMd5SumFile(depot, join(root, "none"), join(root, "x"))).rejects.toMatchObject({
    class: "BackendIOError",
  });
  const { capacity, available, used, usage } = await diskSpaceUsage(root);
  expect(used).toBe(capacity - available);
  expect(usage).toBeCloseTo(used / capacity);
});

test("the content file can be made anew", async () => {
  await installPackage(depot, await packageOf("1"));
  await writeFile(join(productFolder(), "more"), "more");
  await createPackageContentFile(depot, "P");
  expect(await readFile(join(productFolder(), "p.files"), "utf8")).toContain("f 'more' 4 ");
  await expect(createPackageContentFile(depot, "q")).rejects.toMatchObject({ class: "BackendIOError" });
});

test("the workbench: making and installing, and nothing outside of it", async () => {
  const workbench = join(root, "workbench");
  await mkdir(join(workbench, "p/OPSI"), { recursive: true });
  await writeFile(join(workbench, "p/OPSI/control"), header("5"));
  const path = await buildPackage(depot, workbench, "p");
  expect(path).toBe(join(workbench, "p/p_5-1.opsi"));
  expect((await readdir(join(workbench, "p"))).sort()).toEqual([
    "OPSI",
    "p_5-1.opsi",
    "p_5-1.opsi.md5",
    "p_5-1.opsi.zsync",
  ]);
  await installFromWorkbench(depot, workbench, "p");
  expect(await onDepot()).toMatchObject({ productVersion: "5" });
  for (const bad of ["..", "../source", "/etc", "."]) {
    await expect(buildPackage(depot, workbench, bad)).rejects.toThrow(/^Invalid package dir '.*'$/);
  }
  await expect(buildPackage(depot, workbench, "missing")).rejects.toMatchObject({ class: "BackendIOError" });
});
