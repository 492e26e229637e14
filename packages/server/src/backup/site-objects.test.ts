import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { defaultHardwareTypes, familyOf, fromHash, OpsiClient, ProductOnClient } from "@opsi-ts/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import type { Storage } from "../backends/storage.ts";
import { checkObjects } from "./checked-objects.ts";
import type { BackupDocument } from "./document.ts";
import { readObjects, replaceObjects } from "./site-objects.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "site-objects-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(storage: Storage, given: BackupDocument["objects"]) {
  const checked = await checkObjects(defaultHardwareTypes, given);
  expect(checked.invalid).toEqual([]);
  await storage.transaction((store) => replaceObjects(store, checked.objects));
  return checked;
}

// A client that came while hosts were read already had a request in the backup, which no database took afterwards.
test("a backup that was made while clients came can be restored", async () => {
  await using storage = await SqliteStorage.open(join(folder, "running.sqlite"));
  let isRead = false;
  const reading = readObjects(storage).finally(() => {
    isRead = true;
  });
  let clients = 0;
  while (!isRead) {
    const id = `pc${clients++}.example.org`;
    const request = { productId: "p", productType: "LocalbootProduct", clientId: id };
    await storage.transaction(async (store) => {
      await store.write(familyOf("host"), [fromHash(OpsiClient, { id })], "insert");
      await store.write(familyOf("productOnClient"), [fromHash(ProductOnClient, request)], "insert");
    });
    await setImmediate();
  }
  const objects = await reading;
  await put(storage, objects);
  expect(await storage.count(familyOf("host"))).toBe(objects["Host"]?.length);
  expect(objects["Host"]?.length).toBe(objects["ProductOnClient"]?.length);
});

test("an object that is there twice, in whatever case, is not valid; a host may have two pieces of hardware that are alike", async () => {
  const host = { type: "OpsiClient", id: "pc1.example.org" };
  const state = { configId: "a.b", objectId: host.id, values: [1] };
  const piece = { hostId: host.id, hardwareClass: "BIOS", name: "B" };
  const { invalid, objects } = await checkObjects(defaultHardwareTypes, {
    Host: [host, { ...host, description: "other" }],
    ConfigState: [state, { ...state, configId: "A.B" }],
    AuditHardwareOnHost: [piece, piece],
  });
  expect(invalid).toEqual(["Host 'pc1.example.org': once more", "ConfigState 'A.B;pc1.example.org': once more"]);
  expect(objects.get("AuditHardwareOnHost")).toHaveLength(2);
});

test("what this site does not know is left out, and what a former one allowed is not refused", async () => {
  await using storage = await SqliteStorage.open(join(folder, "restored.sqlite"));
  const host = { type: "OpsiClient", hardwareAddress: "52:54:00:aa:bb:cc" };
  const piece = { hostId: "pc1.example.org", name: "Arm" };
  const { unknown } = await put(storage, {
    Host: ["pc1.example.org", "pc2.example.org"].map((id) => ({ ...host, id })),
    Robot: [{ type: "Robot" }],
    Group: [{ type: "RobotGroup", id: "robots" }],
    AuditHardwareOnHost: ["ROBOT", "BIOS"].map((hardwareClass) => ({ ...piece, hardwareClass })),
  });
  const { Host, Group, AuditHardwareOnHost } = await readObjects(storage);
  expect(Host?.map(({ hardwareAddress }) => hardwareAddress)).toEqual(Array(2).fill("52:54:00:aa:bb:cc"));
  expect(Object.fromEntries(unknown)).toEqual({ Robot: 1, RobotGroup: 1, "AuditHardwareOnHost ROBOT": 1 });
  expect(Group).toEqual([]);
  expect(AuditHardwareOnHost).toMatchObject([{ ...piece, hardwareClass: "BIOS" }]);
});
