import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { defaultHardwareTypes, familyOf } from "@opsi-ts/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NoteStore } from "../backends/sql/change-watch.ts";
import { sql } from "../backends/sql/fragment.ts";
import { MySqlStorage } from "../backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../backends/sql/mysql/test-mariadb.ts";
import { testDatabases } from "../backends/sql/test-storages.ts";
import { actAs } from "./actor.ts";
import { encodePending } from "./pending.ts";
import { TakeOver } from "./take-over.ts";
import {
  object,
  openFileTrail,
  openTestTrail,
  type TrailPlaces,
  testKey,
  testTrail,
  trailPlaces,
} from "./test-trail.ts";

const group = (id: string) => object("HostGroup", { id });
const shared = testDatabases.map(([name]) => name).filter((name) => name !== "SQLite");

describe.each(trailPlaces.filter(([name]) => shared.includes(name)))(
  "several servers on one database: %s",
  (_name, start) => {
    let places: TrailPlaces;
    beforeAll(async () => {
      places = await start();
    });
    afterAll(() => places[Symbol.asyncDispose]());

    test("continue the same chain, each change once", async () => {
      await using place = await places.create();
      await using one = await place.open();
      await using other = await place.open();
      const write = (site: typeof one, user: string) =>
        Promise.all(
          Array.from({ length: 30 }, (_, number) =>
            actAs({ user, host: null, address: null, method: "test" }, () =>
              site.write("group", [group(`${user}-${number}`)]),
            ),
          ),
        );
      await Promise.all([write(one, "one"), write(other, "other"), one.records(), other.records()]);
      const records = await other.records();
      expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 60 }, (_, number) => number + 1));
      const told = records.map(({ user, changes }) => [user, changes[0]?.ident]);
      expect(new Set(told.map(String)).size).toBe(60);
      for (const [user, ident] of told) expect(ident).toContain(user);
      expect(await one.records()).toEqual(records);
      expect(await one.problems()).toEqual([]);
    });

    test("the same row changed by both at once goes from one value to the next", async () => {
      await using place = await places.create();
      await using one = await place.open();
      await using other = await place.open();
      await one.write("group", [group("g")]);
      const write = (site: typeof one, text: string) =>
        site.write("group", [object("HostGroup", { id: "g", notes: text })], "update");
      await Promise.all(Array.from({ length: 20 }, (_, number) => write(number % 2 ? one : other, `text ${number}`)));
      const changes = (await one.records()).slice(1).map((record) => record.changes[0]);
      expect(changes).toHaveLength(20);
      const steps = new Map(changes.map((change) => [change?.before?.["notes"], change?.after?.["notes"]]));
      let notes: unknown = "";
      for (let step = 0; step < 20; step++) notes = steps.get(notes);
      const [found] = await other.storage.read(familyOf("group"));
      expect(notes).toBe(found?.["notes"]);
    });
  },
);

test("what somebody puts among the changes gets no place in the chain, and that is told", async () => {
  await using site = await openTestTrail();
  const forged = encodePending(Buffer.alloc(32, "x"), {
    actor: { user: "admin", host: null, address: null, method: "x" },
    time: new Date().toISOString(),
    records: [{ type: "Host", changes: '[{"ident":"x","before":null,"after":{}}]' }],
  });
  const trail = testTrail();
  const notes: NoteStore = { list: async () => [{ id: "1", text: forged }], remove: async () => {} };
  trail.attachNotes({ ...notes, list: onceOnly(notes.list) });
  await trail.attach(site.database);
  await trail.start();
  const { records } = await trail.read({ filter: {}, after: null, count: 10, newestFirst: false });
  expect(records).toMatchObject([{ user: null, type: "AuditTrail", changes: [{ ident: "broken" }] }]);
  expect((await trail.verify(null, 10)).problems).toHaveLength(1);
  await trail[Symbol.asyncDispose]();
});

function onceOnly<T>(list: () => Promise<readonly T[]>): () => Promise<readonly T[]> {
  let isFirst = true;
  return async () => {
    const found = isFirst ? await list() : [];
    isFirst = false;
    return found;
  };
}

test("what was taken over and not taken away yet is not taken over again", async () => {
  await using site = await openTestTrail();
  const entry = {
    actor: { user: "admin", host: null, address: null, method: "x" },
    time: new Date().toISOString(),
    records: [{ type: "Host", changes: '[{"ident":"pc1","before":null,"after":{}}]' }],
  };
  const left = new Map([["1", encodePending(testKey, entry)]]);
  let interrupted = false;
  const trail = testTrail();
  await trail.attach(site.database);
  trail.attachNotes({
    list: async () => [...left].map(([id, text]) => ({ id, text })),
    remove: async (ids) => {
      if (!interrupted) {
        interrupted = true;
        throw new Error("The process was killed here");
      }
      for (const id of ids) left.delete(id);
    },
  });
  await trail.start();
  const read = () => trail.read({ filter: {}, after: null, count: 10, newestFirst: false });
  await expect(read()).rejects.toThrow("killed here");
  expect((await read()).records).toMatchObject([{ user: "admin", changes: [{ ident: "pc1" }] }]);
  expect(left.size).toBe(0);
  expect(await site.database.read(async (runner) => runner.rows(sql`SELECT * FROM "AUDIT_TRAIL_TAKEN"`))).toEqual([]);
  await trail[Symbol.asyncDispose]();
});

test("nothing is taken over any more when the trail is closed", async () => {
  await using site = await openTestTrail();
  let lists = 0;
  const list = async () => {
    await setImmediate();
    lists++;
    return [];
  };
  const takeOver = new TakeOver(testKey, () => {});
  takeOver.add({ list, remove: async () => {} }, false);
  takeOver.open(site.database);
  const first = takeOver.run();
  while (takeOver.run() === first) await Promise.resolve(); // until it is under way, and another one waits
  await takeOver[Symbol.asyncDispose]();
  expect(lists).toBe(2);
});

/** Writes groups until it is killed. @param open the source of what opens a storage with a trail */
async function killWriter(open: string): Promise<void> {
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { familyOf } = await import("@opsi-ts/model");
    const { object, openFileTrail, testTrail } = await import(${source("./test-trail.ts")});
    const { MySqlStorage } = await import(${source("../backends/sql/mysql/mysql-storage.ts")});
    const storage = await (async () => { ${open} })();
    for (let number = 0; ; number++) {
      await storage.write(familyOf("group"), [object("HostGroup", { id: "g" + number })], "insert");
      if (number === 12) console.log("writing");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 60));
  child.kill("SIGKILL");
  await once(child, "exit");
}

test.each([1, 2, 3])("a killed server on files leaves for every change its record, and none without (%i)", async () => {
  const root = await mkdtemp(join(tmpdir(), "audit-files-"));
  try {
    await killWriter(`return (await openFileTrail(${JSON.stringify(root)})).storage;`);
    await using site = await openFileTrail(root);
    const groups = await site.storage.read(familyOf("group"));
    const idents = (await site.records({ objectType: "Group" })).map(({ changes }) => changes[0]?.ident);
    expect(idents.toSorted()).toEqual(groups.map(({ id }) => id).toSorted());
    expect(groups.length).toBeGreaterThan(12);
    expect(await site.problems()).toEqual([]);
    for (const name of await readdir(join(root, "config"))) expect(name).not.toMatch(/^\.opsi-ts-note/);
  } finally {
    await rm(root, { recursive: true });
  }
});

test("a killed server on a database leaves for every change its record, and none without", async () => {
  await using server = await TestMariaDb.start();
  const settings = server.newDatabase();
  await killWriter(`
    const trail = testTrail();
    const storage = await MySqlStorage.open(${JSON.stringify(settings)}, undefined, undefined, undefined, undefined, trail);
    await trail.start();
    return storage;`);
  const trail = testTrail();
  const ordinary = [() => {}, "full", async () => {}] as const;
  await using storage = await MySqlStorage.open(settings, defaultHardwareTypes, ...ordinary, trail);
  await trail.start();
  const groups = await storage.count(familyOf("group"));
  const { records } = await trail.read({ filter: {}, after: null, count: 1000, newestFirst: false });
  expect(records.filter(({ type }) => type === "Group")).toHaveLength(groups);
  expect(groups).toBeGreaterThan(12);
  expect((await trail.verify(null, 1000)).problems).toEqual([]);
  await trail[Symbol.asyncDispose]();
});
