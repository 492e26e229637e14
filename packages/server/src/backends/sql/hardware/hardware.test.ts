import { monitorEventLoopDelay } from "node:perf_hooks";
import { defaultHardwareTypes, HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../../storage.ts";
import { type TestDatabase, type TestDatabases, testDatabases } from "../test-storages.ts";

const piece = (hash: Record<string, unknown>): OpsiObject =>
  defaultHardwareTypes.fromHash("AuditHardwareOnHost", { hostId: "pc1.example.org", hardwareClass: "BIOS", ...hash });

describe.each(testDatabases)("%s", (_name, start) => {
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

  test("equal devices are stored once, whatever the case; pieces of hosts one by one", async () => {
    const pieces = [
      piece({ name: "Board", serialNumber: "1" }),
      piece({ name: "BOARD", serialNumber: "1", hostId: "pc2.example.org" }),
      piece({ name: "Board", serialNumber: "2" }),
    ];
    await storage.hardware.write("AuditHardwareOnHost", pieces, "insert");
    await storage.hardware.write("AuditHardwareOnHost", pieces, "insert");
    expect(await storage.hardware.count("AuditHardware", {})).toBe(1);
    expect(await storage.hardware.count("AuditHardwareOnHost", {})).toBe(3);
  });

  test("what is restored is there as often as it is given, and a snapshot shows it", async () => {
    const pieces = [piece({ name: "Board" }), piece({ name: "Board" })];
    await storage.hardware.write("AuditHardwareOnHost", pieces, "restore");
    await using snapshot = storage.snapshot();
    expect((await Array.fromAsync(snapshot.readHardware("AuditHardwareOnHost"))).flat()).toMatchObject([
      { name: "Board" },
      { name: "Board" },
    ]);
    expect((await Array.fromAsync(snapshot.readHardware("AuditHardware"))).flat()).toHaveLength(1);
  });

  test("an update creates nothing and notes when something was seen", async () => {
    const seen = { lastseen: "2024-01-01 00:00:00", firstseen: "2023-01-01 00:00:00" };
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A" })], "update");
    expect(await storage.hardware.read("AuditHardwareOnHost")).toEqual([]);
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A", ...seen })], "merge");
    const later = { lastseen: "2024-02-02 00:00:00" };
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A", ...later })], "update");
    expect(await storage.hardware.read("AuditHardwareOnHost")).toMatchObject([{ ...seen, ...later, state: 1 }]);
  });

  test("a transaction that fails leaves hardware and other objects as they were", async () => {
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A" })], "insert");
    const failing = storage.transaction(async ({ hardware }) => {
      await hardware.removeOfHosts(["pc1.example.org"]);
      await hardware.write("AuditHardwareOnHost", [piece({ name: "B" })], "insert");
      expect(await hardware.read("AuditHardwareOnHost")).toMatchObject([{ name: "B" }]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await storage.hardware.read("AuditHardwareOnHost")).toMatchObject([{ name: "A" }]);
  });

  test("devices that are there several times do not hide the piece of a host", async () => {
    const device = defaultHardwareTypes.fromHash("AuditHardware", { hardwareClass: "BIOS", name: "A" });
    await storage.hardware.write("AuditHardware", [device, device], "insert");
    expect(await storage.hardware.count("AuditHardware", {})).toBe(2);
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A" })], "insert");
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "A" })], "insert");
    expect(await storage.hardware.count("AuditHardwareOnHost", {})).toBe(1);
    await storage.hardware.remove("AuditHardware", [device]);
    expect(await storage.hardware.count("AuditHardware", {})).toBe(0);
    expect(await storage.hardware.count("AuditHardwareOnHost", {})).toBe(0);
  });

  test("a changed configuration adds columns and tables and keeps what is stored", async () => {
    const value = (Opsi: string, Scope: "g" | "i", Type = "varchar(20)") => ({ Opsi, Scope, Type });
    const classNamed = (Opsi: string, ...Values: ReturnType<typeof value>[]) =>
      ({ Class: { Opsi, Type: "STRUCTURAL" }, Values }) as const;
    await storage[Symbol.asyncDispose]();
    const before = new HardwareTypes([classNamed("ROBOT", value("arm", "g"), value("number", "i"))]);
    storage = await database.open(before);
    const robot = { hardwareClass: "ROBOT", hostId: "pc1.example.org", arm: "left", number: "1" };
    await storage.hardware.write("AuditHardwareOnHost", [before.fromHash("AuditHardwareOnHost", robot)], "insert");
    await storage[Symbol.asyncDispose]();
    const after = new HardwareTypes([
      classNamed("ROBOT", value("arm", "g"), value("leg", "g"), value("age", "i", "int")),
      classNamed("DRONE", value("wings", "i", "int")),
    ]);
    storage = await database.open(after);
    const objects = [
      { ...robot, leg: "right", age: 3 },
      { hardwareClass: "DRONE", hostId: "pc1.example.org", wings: 4 },
    ].map((hash) => after.fromHash("AuditHardwareOnHost", hash));
    await storage.hardware.write("AuditHardwareOnHost", objects, "insert");
    expect(await storage.hardware.read("AuditHardwareOnHost")).toMatchObject([
      { arm: "left", leg: null, age: null },
      { arm: "left", leg: "right", age: 3 },
      { hardwareClass: "DRONE", wings: 4 },
    ]);
  });

  test("whatever stands in a filter is compared and never becomes SQL", async () => {
    await storage.hardware.write("AuditHardwareOnHost", [piece({ name: "it's", serialNumber: "?" })], "insert");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("name", "capacity", "hostId", "lastseen", "state", "speed"),
        fc.oneof(fc.jsonValue({ stringUnit: "grapheme", maxDepth: 1 }), fc.constantFrom("", "*", ">", "<5", "1e400")),
        async (attribute, value) => {
          const query = { filter: { hardwareClass: "MEMORY_M*", [attribute]: value } };
          await storage.hardware.readJson("AuditHardwareOnHost", query, "object");
        },
      ),
      { numRuns: 200 },
    );
    const filter = { name: ["IT'S", "x"], serialNumber: "?" };
    expect(await storage.hardware.count("AuditHardwareOnHost", { filter })).toBe(1);
  });

  test("the hardware of many hosts is written and read without holding up others", async () => {
    const pieces = Array.from({ length: 20_000 }, (_, index) =>
      piece({
        hostId: `pc${index % 500}.example.org`,
        hardwareClass: index % 2 === 0 ? "MEMORY_MODULE" : "HARDDISK_DRIVE",
        name: `Model ${index % 300}`,
        serialNumber: `S${index}`,
      }),
    );
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await storage.hardware.write("AuditHardwareOnHost", pieces, "insert");
    const { text } = await storage.hardware.readJson("AuditHardwareOnHost", {}, "object");
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(200); // generous: the machine may be busy; in one go it takes ten times as long
    expect(JSON.parse(Buffer.from(text as Uint8Array).toString())).toHaveLength(pieces.length);
    expect(await storage.hardware.count("AuditHardware", {})).toBe(300);
    const one = await storage.hardware.read("AuditHardwareOnHost", { filter: { hostId: "pc7.example.org" } });
    expect(one).toHaveLength(40);
  });
});
