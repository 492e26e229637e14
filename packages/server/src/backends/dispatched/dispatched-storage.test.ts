import { existsSync } from "node:fs";
import { join } from "node:path";
import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../storage.ts";
import { TestSite } from "./test-site.ts";

const [server, pc1, pc2] = ["server.example.org", "pc1.example.org", "pc2.example.org"] as const;

function object(type: string, hash: Record<string, unknown>): OpsiObject {
  const found = objectTypes.get(type);
  if (!found) throw new Error(type);
  return fromHash(found, hash);
}
const client = (id: string, more: Record<string, unknown> = {}) => object("OpsiClient", { id, ...more });
const software = { name: "editor", version: "1", subVersion: "", language: "", architecture: "x64" };
const version = { productVersion: "1", packageVersion: "2" };
const product = { productId: "p", productType: "LocalbootProduct" };

/** One object of each kind that hangs on a client, a product or a config. */
const objects: readonly OpsiObject[] = [
  object("OpsiConfigserver", { id: server }),
  client(pc1, { description: "one", hardwareAddress: "52:54:00:aa:bb:cc" }),
  client(pc2),
  object("LocalbootProduct", { id: "p", name: "P", ...version }),
  object("UnicodeProductProperty", { ...product, ...version, propertyId: "x", possibleValues: ["1"] }),
  object("ProductOnDepot", { ...product, ...version, depotId: server }),
  object("ProductOnClient", { ...product, ...version, clientId: pc1, installationStatus: "installed" }),
  object("ProductPropertyState", { productId: "p", propertyId: "x", objectId: pc1, values: ["1"] }),
  object("UnicodeConfig", { id: "color", possibleValues: ["red"] }),
  object("UnicodeConfig", { id: "other", possibleValues: ["1"] }),
  object("ConfigState", { configId: "color", objectId: pc1, values: ["red"] }),
  object("HostGroup", { id: "room" }),
  object("ObjectToGroup", { groupType: "HostGroup", groupId: "room", objectId: pc1 }),
  object("AuditSoftware", software),
  object("AuditSoftwareOnClient", { ...software, clientId: pc1 }),
  object("LicenseContract", { id: "c" }),
  object("LicensePool", { id: "pool" }),
  object("OEMSoftwareLicense", { id: "l", licenseContractId: "c", boundToHost: pc1 }),
  object("SoftwareLicenseToLicensePool", { softwareLicenseId: "l", licensePoolId: "pool" }),
  object("LicenseOnClient", { softwareLicenseId: "l", licensePoolId: "pool", clientId: pc1 }),
];
const piece = { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: pc1, name: "B" };

async function fill(storage: Storage): Promise<void> {
  for (const one of objects) await storage.write(familyOf(objectTypes.get(one.type)?.prefix ?? ""), [one], "insert");
  await storage.hardware.write("AuditHardwareOnHost", [piece], "insert");
}

const ofClient = [
  ..."productOnClient productPropertyState configState objectToGroup auditSoftwareOnClient licenseOnClient".split(" "),
];

async function counts(storage: Storage, prefixes: readonly string[] = ofClient): Promise<Record<string, number>> {
  const pieces = await storage.hardware.count("AuditHardwareOnHost", {});
  const found = await Promise.all(prefixes.map(async (prefix) => [prefix, await storage.count(familyOf(prefix))]));
  return { ...Object.fromEntries(found), pieces };
}

const same = (number: number) => Object.fromEntries([...ofClient, "pieces"].map((name) => [name, number]));

/** Each family once on either side of what it refers to. */
const mixtures: readonly (readonly [name: string, dispatch: string])[] = [
  ["as 4.2 was shipped", "license.* : sqlite\nsoftwareLicense.* : sqlite\naudit.* : sqlite\n.* : file"],
  ["hosts apart", "host_.* : sqlite\n.* : file"],
  ["only hosts, products and configs in files", "host_.* : file\nproduct_.* : file\nconfig_.* : file\n.* : sqlite"],
  ["products apart", "product_.* : sqlite\n.* : file"],
  ["every second family", "(onfig|roduct|Depot|OnClient|roup|Software|Contract|ToLicensePool)_.* : sqlite\n.* : file"],
];

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

  test("a snapshot shows one moment of all", async () => {
    await using snapshot = storage.snapshot();
    const all = async (prefix: string) => (await Array.fromAsync(snapshot.read(familyOf(prefix)))).flat();
    expect(await all("host")).toHaveLength(3);
    await storage.remove(familyOf("host"), [{ id: pc1 }]);
    for (const prefix of ofClient) expect(await all(prefix), prefix).toHaveLength(1);
    expect((await Array.fromAsync(snapshot.readHardware("AuditHardwareOnHost"))).flat()).toHaveLength(1);
  });
});
