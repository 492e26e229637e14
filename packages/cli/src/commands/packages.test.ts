import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
  await cp(fileURLToPath(new URL("../../../../products", import.meta.url)), site.folder, { recursive: true });
  await site.json("client", "create", "pc1.example.org");
});
afterAll(() => site[Symbol.asyncDispose]());

const repository = async () => (await readdir(join(site.root, "var/lib/opsi/repository"))).sort();
const call = <T>(...words: string[]) => site.json<T>("jsonrpc", "execute", ...words);
async function make(source: string, ...words: string[]): Promise<string> {
  const [made] = await site.json<{ package: string }[]>("package", "make", source, ...words);
  return made?.package ?? "";
}

test("a package is uploaded and installed; a second time it is not sent again", async () => {
  const file = await make("hello-opsi");
  const first = await site.opsi("package", "install", file);
  expect(first).toMatchObject({ exitCode: 0, out: expect.stringContaining("│ hello-opsi │ 1.0-1") });
  expect(first.errors).toContain("Uploaded hello-opsi_1.0-1.opsi to server.example.org\n");
  expect(await repository()).toEqual(["", ".md5", ".zsync"].map((ending) => `hello-opsi_1.0-1.opsi${ending}`));
  expect(await site.json("package", "list")).toMatchObject([
    { depotId: "server.example.org", productId: "hello-opsi", version: "1.0-1", name: "Hello opsi", locked: false },
  ]);
  const data = await readdir(join(site.root, "var/lib/opsi/depot/hello-opsi"));
  expect(data).toEqual(expect.arrayContaining(["setup.opsiscript", "hello-opsi.files"]));
  expect((await site.opsi("package", "install", file)).errors).toContain("has hello-opsi_1.0-1.opsi already");
});

test("an upload that was interrupted is completed by the next", async () => {
  const folder = join(site.root, "var/lib/opsi/repository");
  const whole = await repository();
  await rm(join(folder, "hello-opsi_1.0-1.opsi.zsync"));
  await writeFile(join(folder, "hello-opsi_0.9-1.opsi"), "what it was to replace");
  const again = await site.opsi("package", "install", "hello-opsi_1.0-1.opsi");
  expect(again).toMatchObject({ exitCode: 0, errors: expect.stringContaining("has hello-opsi_1.0-1.opsi already") });
  expect(await repository()).toEqual(whole);
});

test("a new version replaces the old one, keeps the depot's values and reaches the clients", async () => {
  const state = { type: "ProductPropertyState", productId: "hello-opsi", propertyId: "greeting" };
  await call(
    "productPropertyState_createObjects",
    JSON.stringify([{ ...state, objectId: site.hostId, values: ["Moin"] }]),
  );
  const installed = { type: "ProductOnClient", productId: "hello-opsi", productType: "LocalbootProduct" };
  await call(
    "productOnClient_createObjects",
    JSON.stringify([{ ...installed, clientId: "pc1.example.org", installationStatus: "installed" }]),
  );
  const file = await make("hello-opsi", "--package-version", "2");
  expect(await site.opsi("package", "install", file, "--dry-run")).toMatchObject({
    exitCode: 0,
    errors: "Would install hello-opsi 1.0-2 on server.example.org\n",
  });
  expect(await site.json("package", "install", file, "--set-action", "setup")).toMatchObject([{ requested: 1 }]);
  expect(await repository()).toEqual(["", ".md5", ".zsync"].map((ending) => `hello-opsi_1.0-2.opsi${ending}`));
  const [kept] = await call<{ values: string[] }[]>(
    "productPropertyState_getObjects",
    "[]",
    '{"propertyId":"greeting"}',
  );
  expect(kept?.values).toEqual(["Moin"]);
  const [request] = await call<{ actionRequest: string }[]>("productOnClient_getObjects", "[]", "{}");
  expect(request?.actionRequest).toBe("setup");

  await site.json("package", "install", file, "--property-default", "package");
  const [reset] = await call<{ values: string[] }[]>(
    "productPropertyState_getObjects",
    "[]",
    '{"propertyId":"greeting"}',
  );
  expect(reset?.values).toEqual(["Hello from opsi"]);
});

test("an update goes only where an older version is", async () => {
  const same = await make("hello-opsi", "--overwrite");
  const other = await make("debian-package");
  const { exitCode, errors } = await site.opsi("package", "install", same, other, "--update-only");
  expect([exitCode, errors]).toEqual([0, "Nothing to do: no depot has an older version.\n"]);
});

test("dependencies come first; without them nothing is sent", async () => {
  await site.opsi("package", "new", "base");
  await site.opsi("package", "new", "top");
  const control = join(site.folder, "top", "OPSI", "control.toml");
  const text = await readFile(control, "utf8");
  const depends = 'depends = [{ package = "base", condition = ">=", version = "1.0-1" }]';
  await writeFile(control, text.replace(/^# depends = .*$/m, depends));
  const [base, top] = [await make("base"), await make("top")];
  const alone = await site.opsi("package", "install", top);
  expect(alone).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("'top' needs 'base' (>= 1.0-1), which is neither given nor installed"),
  });
  expect(await repository()).not.toContain("top_1.0-1.opsi");
  const both = await site.json<{ productId: string }[]>("package", "install", top, base);
  expect(both.map(({ productId }) => productId)).toEqual(["base", "top"]);
});

test("a locked product is left alone unless forced", async () => {
  const lock = (locked: boolean) =>
    call(
      "productOnDepot_updateObjects",
      JSON.stringify([
        {
          type: "ProductOnDepot",
          productId: "base",
          productType: "LocalbootProduct",
          productVersion: "1.0",
          packageVersion: "1",
          depotId: site.hostId,
          locked,
        },
      ]),
    );
  await lock(true);
  const refused = await site.opsi("package", "install", "base_1.0-1.opsi");
  expect(refused).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("'base' is locked on server.example.org"),
  });
  expect(await site.opsi("package", "install", "base_1.0-1.opsi", "--force")).toMatchObject({ exitCode: 0 });
  expect(await site.json("package", "list", "base")).toMatchObject([{ locked: false }]);
});

test("products are uninstalled with their packages", async () => {
  expect(await site.opsi("package", "uninstall", "top", "base")).toMatchObject({ exitCode: 2 }); // nobody to ask
  expect(await site.json("package", "uninstall", "top", "base", "--yes")).toHaveLength(2);
  expect((await repository()).filter((name) => /^(top|base)_/.test(name))).toEqual([]);
  expect(await site.opsi("package", "uninstall", "top")).toMatchObject({
    exitCode: 1,
    errors: "opsi package uninstall: Backend missing data error: 'top' is not installed on server.example.org\n",
  });
});

test.each([
  [["nothing.opsi"], 1, "There is no file"],
  [["hello-opsi"], 1, "is no file; make a package"],
  [["hello-opsi/OPSI/control.toml"], 1, "only gz, bzip2, zstd, cpio and tar files are accepted"],
  [["http://127.0.0.1:1/a_1-1.opsi"], 1, "http://127.0.0.1:1"],
  [["https://example.org/"], 1, "does not end in the name of a package"],
  [["hello-opsi_1.0-2.opsi", "--depots", "nowhere.example.org"], 1, "There is no depot 'nowhere.example.org'"],
  [["hello-opsi_1.0-2.opsi", "--property-default", "ask"], 2, "Nobody can be asked here"],
])("opsi package install %j", async (words, exitCode, message) => {
  expect(await site.opsi("package", "install", ...words)).toMatchObject({
    exitCode,
    errors: expect.stringContaining(message),
  });
});
