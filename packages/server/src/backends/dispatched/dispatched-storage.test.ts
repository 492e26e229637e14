import { existsSync } from "node:fs";
import { join } from "node:path";
import { defaultHardwareTypes, familyOf } from "@opsi-ts/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkObjects } from "../../backup/checked-objects.ts";
import { readObjects, replaceObjects } from "../../backup/site-objects.ts";
import type { Storage } from "../storage.ts";
import { counts, fill, object, ofClient, pc1, pc2, same, software, version } from "./test-objects.ts";
import { TestSite } from "./test-site.ts";

/** Most families once on either side of what they refer to. */
const mixtures: readonly (readonly [name: string, dispatch: string])[] = [
  ["hosts, products and configs in files", "(host|product|config|licenseContract)_.* : file\n.* : sqlite"],
  ["hosts, products and configs elsewhere", "(host|product|config|licenseContract)_.* : sqlite\n.* : file"],
];

/** Files are read in another order than they were written. */
const sorted = (objects: Awaited<ReturnType<typeof readObjects>>) =>
  Object.values(objects).flatMap((list) => list.map((one) => JSON.stringify(one)).sort());

describe.each(mixtures)("%s", (_name, dispatch) => {
  let site: TestSite;
  let storage: Storage;
  beforeEach(async () => {
    site = await TestSite.create(dispatch);
    storage = await site.open();
    await fill(storage);
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const again = async () => {
    await storage[Symbol.asyncDispose]();
    storage = await site.open();
  };

  test("what was written is read, once, also after a restart", async () => {
    expect(await counts(storage)).toEqual(same(1));
    expect(await storage.count(familyOf("host"))).toBe(3);
    await again();
    expect(await counts(storage)).toEqual(same(1));
    const [read] = await storage.read(familyOf("host"), { filter: { id: pc1 } });
    expect(read).toMatchObject({ description: "one", hardwareAddress: "52:54:00:aa:bb:cc" });
    expect(site.problems).toEqual([]);
  });

  test("with a client goes what belongs to it, wherever it is", async () => {
    await storage.remove(familyOf("host"), [{ id: pc1 }]);
    expect(await counts(storage)).toEqual(same(0));
    expect(await storage.read(familyOf("softwareLicense"))).toMatchObject([{ id: "l", boundToHost: null }]);
    await again();
    expect(await counts(storage)).toEqual(same(0));
    expect(await storage.count(familyOf("host"))).toBe(2);
    expect(existsSync(join(site.folder, "config/clients", `${pc1}.ini`))).toBe(false);
  });

  test("with a product goes what belongs to it, and no more", async () => {
    await storage.remove(familyOf("product"), [{ id: "p", ...version }]);
    const gone = { productOnClient: 0, productPropertyState: 0 };
    const expected = { ...same(1), ...gone, productProperty: 0, productOnDepot: 0 };
    expect(await counts(storage, [...ofClient, "productProperty", "productOnDepot"])).toEqual(expected);
  });

  test("with a config go its states, and no others", async () => {
    await storage.remove(familyOf("config"), [{ id: "other" }]);
    expect(await counts(storage)).toEqual(same(1));
    await storage.remove(familyOf("config"), [{ id: "color" }]);
    expect(await counts(storage)).toEqual({ ...same(1), configState: 0 });
  });

  test("what refers to nothing is refused, and nothing of the call is kept", async () => {
    const one = object("AuditSoftwareOnClient", { ...software, clientId: pc2 });
    const orphan = object("AuditSoftwareOnClient", { ...software, clientId: "no.example.org" });
    const writing = storage.write(familyOf("auditSoftwareOnClient"), [one, orphan], "insert");
    await expect(writing).rejects.toMatchObject({ class: "BackendReferentialIntegrityError" });
    const failing = storage.transaction(async (store) => {
      await store.remove(familyOf("host"), [{ id: pc1 }]);
      expect(await store.count(familyOf("productOnClient"))).toBe(0);
      await store.write(familyOf("licenseContract"), [object("LicenseContract", { id: "new" })], "insert");
      await store.write(familyOf("auditSoftwareOnClient"), [orphan], "insert");
    });
    await expect(failing).rejects.toMatchObject({ class: "BackendReferentialIntegrityError" });
    expect(await counts(storage)).toEqual(same(1));
    expect(await storage.count(familyOf("licenseContract"))).toBe(1);
  });

  test("a contract with licenses stays", async () => {
    const removal = storage.remove(familyOf("licenseContract"), [{ id: "c" }]);
    await expect(removal).rejects.toMatchObject({ class: "BackendReferentialIntegrityError" });
    expect(await storage.count(familyOf("licenseContract"))).toBe(1);
  });

  test("a backup is restored as it was", async () => {
    const backup = await readObjects(storage);
    await storage.remove(familyOf("host"), [{ id: pc1 }]);
    await storage.remove(familyOf("config"), [{ id: "color" }]);
    const { objects } = await checkObjects(defaultHardwareTypes, backup);
    await storage.transaction((store) => replaceObjects(store, objects));
    expect(sorted(await readObjects(storage))).toEqual(sorted(backup));
    await again();
    expect(sorted(await readObjects(storage))).toEqual(sorted(backup));
  });

  test("a snapshot shows one moment of all", async () => {
    await using snapshot = storage.snapshot();
    const all = async (prefix: string) => (await Array.fromAsync(snapshot.read(familyOf(prefix)))).flat();
    expect(await all("host")).toHaveLength(3);
    await storage.remove(familyOf("host"), [{ id: pc1 }]);
    for (const prefix of ofClient) expect(await all(prefix), prefix).toHaveLength(1);
    expect((await Array.fromAsync(snapshot.readHardware("AuditHardwareOnHost"))).flat()).toHaveLength(1);
  });
});
