import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { familyOf } from "@opsi-ts/model";
import { expect, onTestFinished, test } from "vitest";
import { client, counts, fill, object, ofClient, pc1, pc2, same, software } from "./test-objects.ts";
import { TestSite } from "./test-site.ts";

const hosts = familyOf("host");
const shipped = "(license|softwareLicense|audit).* : sqlite\n.* : file\n";

async function filledSite(dispatch: string): Promise<TestSite> {
  const site = await TestSite.create(dispatch);
  onTestFinished(() => site[Symbol.asyncDispose]());
  await using storage = await site.open();
  await fill(storage);
  return site;
}

test("a dispatch.conf that sends hosts where they are not is refused, and nothing is lost", async () => {
  const site = await filledSite(".* : sqlite\n");
  await site.dispatch("host_.* : file\n.* : sqlite\n");
  await expect(site.open()).rejects.toThrow(
    "sends 'host' to 'file', which lacks 3 that 'sqlite' has (server.example.org",
  );
  {
    // Files that were left behind years ago
    await using files = await site.openOne("file");
    await files.write(hosts, [client(pc2)], "insert");
  }
  await expect(site.open()).rejects.toMatchObject({ class: "BackendConfigurationError" });
  await site.dispatch(".* : sqlite\n");
  await using storage = await site.open();
  expect(await counts(storage)).toEqual(same(1));
});

test("a folder that is not mounted takes nothing with it", async () => {
  const site = await filledSite(shipped);
  const folder = join(site.folder, "config");
  await rename(folder, `${folder}.away`);
  await expect(site.open()).rejects.toThrow("which lacks 3 that 'sqlite' has");
  await rm(folder, { recursive: true });
  await rename(`${folder}.away`, folder);
  await using storage = await site.open();
  expect(await counts(storage)).toEqual(same(1));
});

test("the inventory of a client whose file somebody removed goes at the next start", async () => {
  const site = await filledSite(shipped);
  await rm(join(site.folder, "config/clients", `${pc1}.ini`));
  await using storage = await site.open();
  const licenses = { auditSoftwareOnClient: 0, licenseOnClient: 0, pieces: 0 };
  expect(await counts(storage, ["auditSoftwareOnClient", "licenseOnClient"])).toEqual(licenses);
});

test("a client whose file is not understood keeps its inventory", async () => {
  const site = await filledSite(shipped);
  const path = join(site.folder, "config/clients", `${pc1}.ini`);
  const content = await readFile(path, "utf8");
  await writeFile(path, content.replace("[info]", "[info]\nhardwareaddress = none"));
  {
    await using storage = await site.open();
    expect(await storage.count(hosts)).toBe(2);
  }
  await writeFile(path, content);
  await using storage = await site.open();
  expect(await counts(storage)).toEqual(same(1));
});

test("a client whose file somebody has made gets an inventory, and keeps its states when a config goes", async () => {
  const site = await filledSite("(host|product)_.* : file\n.* : sqlite\n");
  await using storage = await site.open();
  const id = "pc9.example.org";
  await writeFile(join(site.folder, "config/clients", `${id}.ini`), "[info]\ndescription = by hand\n");
  while ((await storage.count(hosts, { filter: { id } })) === 0) await setTimeout(20);
  const state = object("ConfigState", { configId: "color", objectId: id, values: ["red"] });
  await storage.write(familyOf("configState"), [state], "insert");
  await storage.remove(familyOf("config"), [{ id: "other" }]);
  expect(await storage.count(familyOf("configState"))).toBe(2);
  const found = object("AuditSoftwareOnClient", { ...software, clientId: id });
  await storage.write(familyOf("auditSoftwareOnClient"), [found], "insert");
  expect(await storage.count(familyOf("auditSoftwareOnClient"))).toBe(2);
});

test("two that keep the same: each object is read once, and written to both", async () => {
  const site = await filledSite(".* : file, sqlite\n");
  {
    await using storage = await site.open();
    expect(await counts(storage)).toEqual(same(1));
    await storage.write(hosts, [client(pc2, { notes: "new" })], "update");
    await storage.remove(hosts, [{ id: pc1 }]);
  }
  const keys: unknown[] = [];
  for (const name of ["file", "sqlite"] as const) {
    await using storage = await site.openOne(name);
    expect(await counts(storage, ofClient), name).toEqual(same(0));
    const [host] = await storage.read(hosts, { filter: { id: pc2 } });
    expect(host).toMatchObject({ notes: "new" });
    keys.push(host?.["opsiHostKey"]);
  }
  expect(keys[0]).toBe(keys[1]);
});
