import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../storage.ts";
import { type TestDatabase, type TestDatabases, testStorages } from "./test-storages.ts";

const hosts = familyOf("host");
const productsOnClients = familyOf("productOnClient");

function object(hash: Record<string, unknown>): OpsiObject {
  const type = objectTypes.get(String(hash["type"]));
  if (!type) throw new Error(String(hash["type"]));
  return fromHash(type, hash);
}
const client = (id: string, more: Record<string, unknown> = {}) => object({ type: "OpsiClient", id, ...more });
const request = (clientId: string, productId: string, more: Record<string, unknown> = {}) =>
  object({ type: "ProductOnClient", productId, productType: "LocalbootProduct", clientId, ...more });

describe.each(testStorages)("%s", (_name, start) => {
  let databases: TestDatabases;
  let database: TestDatabase;
  let storage: Storage;

  beforeAll(async () => {
    databases = await start();
  });
  afterAll(() => databases[Symbol.asyncDispose]());
  beforeEach(async () => {
    database = await databases.create();
    storage = await database.open();
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test("an update leaves alone what it does not name, an insert does not", async () => {
    await storage.write(hosts, [client("pc1.example.org", { description: "a", notes: "b" })], "insert");
    await storage.write(hosts, [client("pc1.example.org", { notes: "c" })], "update");
    expect((await storage.read(hosts))[0]).toMatchObject({ description: "a", notes: "c" });
    await storage.write(hosts, [client("pc1.example.org", { notes: "d" })], "insert");
    expect((await storage.read(hosts))[0]).toMatchObject({ description: "", notes: "d" });
  });

  test("an update of what is not there does nothing, a merge creates it without defaults", async () => {
    await storage.write(hosts, [client("pc1.example.org")], "update");
    expect(await storage.read(hosts)).toEqual([]);
    await storage.write(hosts, [client("pc1.example.org")], "merge");
    expect((await storage.read(hosts))[0]).toMatchObject({ description: null, opsiHostKey: null });
  });

  test("one bad object of several: none is written", async () => {
    const many = [request("pc1.example.org", "a"), request("pc1.example.org", "b")];
    await expect(storage.write(productsOnClients, many, "insert")).rejects.toMatchObject({
      class: "BackendReferentialIntegrityError",
    });
    await storage.write(hosts, [client("pc1.example.org")], "insert");
    const twoHosts = [client("pc2.example.org"), client("pc3.example.org", { description: "x".repeat(101) })];
    await expect(storage.write(hosts, twoHosts, "insert")).rejects.toThrow("'description' is too long: 101 characters");
    expect(await storage.readIdents(hosts)).toEqual([{ id: "pc1.example.org" }]);
  });

  test("a failed transaction leaves nothing, and the next one works", async () => {
    const failing = storage.transaction(async (store) => {
      await store.write(hosts, [client("pc1.example.org")], "insert");
      expect(await store.readIdents(hosts)).toHaveLength(1);
      throw new Error("power failure");
    });
    await expect(failing).rejects.toThrow("power failure");
    expect(await storage.readIdents(hosts)).toEqual([]);
    await storage.write(hosts, [client("pc2.example.org")], "insert");
    expect(await storage.readIdents(hosts)).toHaveLength(1);
  });

  test("with a host goes what belongs to it", async () => {
    await storage.write(hosts, [client("pc1.example.org"), client("pc2.example.org")], "insert");
    await storage.write(
      productsOnClients,
      [request("pc1.example.org", "a"), request("pc2.example.org", "a")],
      "insert",
    );
    const state = { type: "ConfigState", configId: "x", values: ["y"] };
    await storage.write(familyOf("configState"), [object({ ...state, objectId: "pc1.example.org" })], "insert");
    await storage.remove(hosts, [{ id: "pc1.example.org" }]);
    expect(await storage.readIdents(productsOnClients)).toMatchObject([{ clientId: "pc2.example.org" }]);
    expect(await storage.read(familyOf("configState"))).toEqual([]);
  });

  test("the time of a change is noted, unless the change says another one or nothing changes", async () => {
    await storage.write(hosts, [client("pc1.example.org")], "insert");
    const old = { modificationTime: "2024-01-01 00:00:00" };
    await storage.write(
      productsOnClients,
      [request("pc1.example.org", "a", { ...old, actionRequest: "setup" })],
      "insert",
    );
    const time = async () => (await storage.read(productsOnClients))[0]?.["modificationTime"];
    await storage.write(productsOnClients, [request("pc1.example.org", "a", { actionRequest: "setup" })], "merge");
    expect(await time()).toBe("2024-01-01 00:00:00");
    await storage.write(productsOnClients, [request("pc1.example.org", "a", { actionRequest: "none" })], "update");
    expect(await time()).not.toBe("2024-01-01 00:00:00");
  });

  test("a hardware address of a stored host is refused", async () => {
    const [hardwareAddress, other] = ["52:54:00:aa:bb:cc", "52:54:00:aa:bb:dd"];
    await storage.write(hosts, [client("pc1.example.org", { hardwareAddress })], "insert");
    const twin = client("pc2.example.org", { hardwareAddress });
    await expect(storage.write(hosts, [twin], "insert")).rejects.toThrow("already used by host 'pc1.example.org'");
    await storage.write(hosts, [client("pc1.example.org", { hardwareAddress: other })], "update");
    await storage.write(hosts, [twin], "insert");
    expect((await storage.read(hosts)).map((host) => host["hardwareAddress"])).toEqual([other, hardwareAddress]);
  });

  test("a new host takes its UUID from the host that had it, a known one does not get it", async () => {
    const systemUUID = "8f6b7c1a-3333-4000-8000-000000000001";
    const old = client("pc1.example.org", { systemUUID, description: "before it was installed anew" });
    await storage.write(hosts, [old, client("pc2.example.org")], "insert");
    await storage.write(hosts, [client("pc3.example.org", { systemUUID })], "insert");
    expect(await storage.read(hosts)).toMatchObject([
      { id: "pc1.example.org", systemUUID: null, description: "before it was installed anew" },
      { id: "pc2.example.org", systemUUID: null },
      { id: "pc3.example.org", systemUUID },
    ]);
    for (const mode of ["insert", "merge", "update"] as const) {
      const known = client("pc2.example.org", { systemUUID });
      await expect(storage.write(hosts, [known], mode)).rejects.toThrow("systemUUID");
    }
  });

  test("what only the own host may see is null elsewhere", async () => {
    await storage.write(hosts, [client("pc1.example.org"), client("pc2.example.org")], "insert");
    const restriction = {
      hostId: "pc1.example.org",
      owner: "id",
      rows: "all" as const,
      hidden: new Set(["notes"]),
      ownOnly: new Set(["opsiHostKey"]),
    };
    const [own, other] = await storage.read(hosts, { restriction });
    expect(own).toMatchObject({ id: "pc1.example.org", notes: null });
    expect(own?.["opsiHostKey"]).toHaveLength(32);
    expect(other).toMatchObject({ id: "pc2.example.org", opsiHostKey: null });
    expect(await storage.readIdents(hosts, { restriction: { ...restriction, rows: "own" } })).toHaveLength(1);
  });

  test("a read of many rows does not hold up small ones, and shows one state", async () => {
    const ids = Array.from({ length: 25_000 }, (_, number) => `pc${number}.example.org`);
    await storage.write(
      hosts,
      ids.map((id) => client(id, { opsiHostKey: "0".repeat(32) })),
      "insert",
    );
    const all = storage.readJson(hosts, {}, "object");
    const one = await storage.readJson(hosts, { filter: { id: "pc7.example.org" } }, "object");
    expect(one.parse()).toMatchObject([{ id: "pc7.example.org" }]);
    expect((await all).parse()).toHaveLength(25_000);
  });

  test("of a list, however long, each value is compared and none becomes SQL", async () => {
    await storage.write(hosts, [client("pc1.example.org", { notes: "it's" }), client("pc2.example.org")], "insert");
    const strange = ["it's", '"', "\\", "?", "\u{1f600}", "%", "PC2.example.org "];
    for (const length of [1, 20, 30_000]) {
      const list = [...strange, ...Array.from({ length }, (_, number) => `no${number}.example.org`)];
      expect(await storage.readIdents(hosts, { filter: { id: list } })).toEqual([{ id: "pc2.example.org" }]);
      expect(await storage.readIdents(hosts, { filter: { notes: list } })).toEqual([{ id: "pc1.example.org" }]);
      expect(await storage.count(hosts, { filter: { notes: list, id: list } })).toBe(0);
    }
    const wide = Array<string>(11).fill("\u{1f600}");
    for (const notes of ["\u{1f600}", "*\u{1f600}", ">\u{10ffff}", wide]) {
      expect(await storage.count(hosts, { filter: { notes } })).toBe(0);
    }
  });

  test("values read as they were written", async () => {
    const states = familyOf("configState");
    const state = { type: "ConfigState", configId: "x", objectId: "pc1.example.org" };
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 50 }), async (value) => {
        await storage.write(states, [object({ ...state, values: [value] })], "insert");
        expect((await storage.readJson(states, {}, "object")).parse()).toMatchObject([{ values: [value] }]);
      }),
    );
  });

  test("invented attributes do not spoil the statements of others", async () => {
    await storage.write(hosts, [client("pc1.example.org", { notes: "a" }), client("pc2.example.org")], "insert");
    for (const attributes of [["notes;id"], ["notes,description"]])
      await storage.readJson(hosts, { attributes }, "object");
    const filter = { id: "pc1.example.org" };
    expect((await storage.readJson(hosts, { attributes: ["notes"], filter }, "object")).parse()).toHaveLength(1);
    const both = await storage.readJson(hosts, { attributes: ["notes", "description"] }, "object");
    expect(both.parse()).toMatchObject([{ notes: "a" }, { notes: "" }]);
  });

  test("whatever stands in a filter is compared and never becomes SQL", async () => {
    await storage.write(hosts, [client("pc1.example.org", { notes: `it's "quoted" -- ; DROP TABLE HOST` })], "insert");
    const attributes = [
      ...["host id", "host notes", "host type", "host created", "product priority", "product licenseRequired"],
      ...["config value", "config isDefault", "config editable", "configState values", "licensePool productIds"],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...attributes),
        fc.jsonValue({ stringUnit: "grapheme" }),
        fc.constantFrom("", "*", ">", "\\"),
        async (place, value, mark) => {
          const [prefix = "", attribute = ""] = place.split(" ");
          const filter = { [attribute]: typeof value === "string" ? mark + value + mark : value };
          await storage.readJson(familyOf(prefix), { filter }, "object");
        },
      ),
      { numRuns: 500 },
    );
    expect(await storage.readIdents(hosts, { filter: { notes: '*\'s "quoted" --*' } })).toHaveLength(1);
  });

  // 12 000 are three portions, and the reader of the first may take its time.
  test("a snapshot is read in portions and shows one moment", async () => {
    const clients = Array.from({ length: 12_000 }, (_, index) => client(`pc${index}.example.org`));
    await storage.write(hosts, clients, "restore");
    await using snapshot = storage.snapshot();
    const found = new Set<unknown>();
    let portions = 0;
    for await (const portion of snapshot.read(hosts)) {
      if (portions++ === 0) await storage.write(hosts, [client("late.example.org")], "restore");
      for (const { id } of portion) found.add(id);
    }
    expect(portions).toBe(3);
    expect(found).toEqual(new Set(clients.map(({ id }) => id)));
    for await (const [first] of snapshot.read(hosts)) {
      expect(first?.["id"]).toBeDefined();
      break; // whoever has seen enough leaves the rest
    }
  });
});
