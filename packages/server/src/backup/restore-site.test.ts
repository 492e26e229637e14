import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHardwareTypes, familyOf, fromHash, OpsiClient } from "@opsi-ts/model";
import { expect, onTestFinished, test } from "vitest";
import { FileStorage } from "../backends/file/file-storage.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { testDatabases } from "../backends/sql/test-storages.ts";
import type { Storage } from "../backends/storage.ts";
import { restoreSite } from "./restore-site.ts";
import { readObjects } from "./site-objects.ts";

const serverId = "opsi.example.org";
const meta = { server_id: serverId };
const hosts = familyOf("host");

/** More objects than are written with one call. */
const backup = {
  meta,
  objects: {
    Host: [
      { type: "OpsiConfigserver", id: serverId, opsiHostKey: "a".repeat(32), depotRemoteUrl: "smb://opsi/opsi_depot" },
      ...Array.from({ length: 1100 }, (_, number) => ({ type: "OpsiClient", id: `pc${number}.example.org` })),
    ],
    ConfigState: [{ configId: "clientconfig.depot.id", objectId: "pc1.example.org", values: [serverId] }],
  },
};
const options = { types: defaultHardwareTypes, serverId: null, hostKey: null };

async function withOneClient(storage: Storage): Promise<Awaited<ReturnType<typeof readObjects>>> {
  await storage.write(hosts, [fromHash(OpsiClient, { id: "before.example.org" })], "insert");
  return readObjects(storage);
}

const storages: [name: string, open: () => Promise<Storage>][] = [
  ...testDatabases.map(([name, start]): [string, () => Promise<Storage>] => [
    name,
    async () => {
      const databases = await start();
      const database = await databases.create();
      onTestFinished(async () => {
        await database[Symbol.asyncDispose]();
        await databases[Symbol.asyncDispose]();
      });
      return database.open();
    },
  ]),
  [
    "files",
    async () => {
      const folder = await newFolder();
      const place = { configserverId: serverId, hostKeys: join(folder, "pckeys") };
      return FileStorage.open(join(folder, "config"), place);
    },
  ],
];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "restore-site-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test.each(storages)(
  "%s: a restore that fails in the middle changes nothing, the next one everything",
  async (_name, open) => {
    await using storage = await open();
    const before = await withOneClient(storage);
    const failing = restoreSite(storage, backup, {
      ...options,
      onWritten: (count) => {
        if (count > 1000) throw new Error("the disk is full");
      },
    });
    await expect(failing).rejects.toThrow("the disk is full");
    expect(await readObjects(storage)).toEqual(before);
    await restoreSite(storage, backup, options);
    expect(await storage.count(hosts)).toBe(1101);
  },
);

test("a restore that is killed leaves the old objects", { timeout: 30_000 }, async () => {
  const path = join(await newFolder(), "opsi.sqlite");
  let before: unknown;
  {
    await using storage = await SqliteStorage.open(path);
    before = await withOneClient(storage);
  }
  const module = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const code = `
    const { SqliteStorage } = await import(${module("../backends/sql/sqlite/sqlite-storage.ts")});
    const { restoreSite } = await import(${module("./restore-site.ts")});
    const { defaultHardwareTypes: types } = await import("@opsi-ts/model");
    const storage = await SqliteStorage.open(${JSON.stringify(path)});
    const onWritten = (count) => { if (count > 1000) { console.log("written"); for (;;); } };
    await restoreSite(storage, ${JSON.stringify(backup)}, { types, serverId: null, hostKey: null, onWritten });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  await using storage = await SqliteStorage.open(path);
  expect(await readObjects(storage)).toEqual(before);
});

test("the server of the backup becomes this one, with its key, and everything that names it follows", async () => {
  await using storage = await SqliteStorage.open(join(await newFolder(), "opsi.sqlite"));
  const hostKey = "b".repeat(32);
  await restoreSite(storage, backup, { ...options, serverId: "new.example.net", hostKey });
  const servers = await storage.read(hosts, { filter: { type: "OpsiConfigserver" } });
  expect(servers).toMatchObject([
    { id: "new.example.net", opsiHostKey: hostKey, depotRemoteUrl: "smb://new/opsi_depot" },
  ]);
  expect(await storage.read(familyOf("configState"))).toMatchObject([{ values: ["new.example.net"] }]);
});

test("what cannot be taken is named, and what refers to nothing stays out", async () => {
  await using storage = await SqliteStorage.open(join(await newFolder(), "opsi.sqlite"));
  const before = await withOneClient(storage);
  const { Host } = backup.objects;
  const restore = (objects: Parameters<typeof restoreSite>[1]["objects"], more = {}) =>
    restoreSite(storage, { meta, objects: { Host, ...objects } }, { ...options, ...more });
  const groups = Array.from({ length: 7 }, (_, number) => ({ type: "HostGroup", id: `ä/${number}` }));
  await expect(restore({ Group: groups })).rejects.toThrow(
    "7 objects of the backup are not valid: Group 'ä/0': Bad object id",
  );
  const request = { productId: "p", productType: "LocalbootProduct", clientId: "gone.example.org" };
  await expect(restore({ ProductOnClient: [request] })).rejects.toMatchObject({
    class: "BackendReferentialIntegrityError",
  });
  await expect(restore({ Host: [] })).rejects.toThrow(`of '${serverId}', and does not contain this server`);
  expect(await readObjects(storage)).toEqual(before);
  const { invalid } = await restore({ Group: groups }, { skipInvalid: true });
  expect(invalid).toHaveLength(7);
  expect(await storage.count(hosts)).toBe(1101);
});
