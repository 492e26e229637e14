import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { zstdDecompressSync } from "node:zlib";
import { defaultHardwareTypes, familyOf } from "@opsi-ts/model";
import { expect, test } from "vitest";
import { sql } from "../backends/sql/fragment.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { readTrail } from "./read-trail.ts";
import { object, openTestTrail, testTrail } from "./test-trail.ts";

const client = (more: Record<string, unknown> = {}) => object("OpsiClient", { id: "pc1.example.org", ...more });

test("one secret among many values does not get into the trail either", async () => {
  await using site = await openTestTrail();
  const states = (configId: string, value: string) =>
    Array.from({ length: 300 }, (_, number) =>
      object("ConfigState", {
        ...(number === 170 ? { configId, values: [value] } : { configId: `c${number}`, values: ["plain"] }),
        objectId: "pc1.example.org",
      }),
    );
  const stored = () =>
    JSON.stringify(
      site.storage.writer
        .rows(sql`SELECT "changes" FROM "AUDIT_TRAIL"`)
        .map(([changes]) =>
          typeof changes === "string" ? changes : String(zstdDecompressSync(changes as Uint8Array)),
        ),
    );
  await site.write("configState", states("x.name", "not-secret"));
  expect(stored().includes("not-secret")).toBe(true);
  await site.write("configState", states("x.Password", "geheim"));
  expect(stored().includes("geheim")).toBe(false);
  const [secret] = await site.records({ ident: "x.password;*" });
  expect(secret?.changes).toMatchObject([{ before: null, after: { values: [expect.stringMatching(/^secret:/)] } }]);
});

test("a killed server leaves for every change its record, and none without", async () => {
  await using site = await openTestTrail();
  await site.write("host", [client()]);
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { familyOf } = await import("@opsi-ts/model");
    const { openTrailAt, object } = await import(${source("./test-trail.ts")});
    const { storage } = await openTrailAt(${JSON.stringify(site.path)});
    for (let number = 0; ; number++) {
      const group = object("HostGroup", { id: "g" + number });
      await storage.write(familyOf("group"), [group], "insert");
      if (number === 40) console.log("writing");
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const groups = await site.storage.count(familyOf("group"));
  expect(groups).toBeGreaterThan(40);
  expect(await site.records({ objectType: "Group" })).toHaveLength(groups);
  expect(await site.problems()).toEqual([]);
});

test("without recording nothing is added, and what is there can be read", async () => {
  await using site = await openTestTrail();
  await site.write("host", [client()]);
  const trail = testTrail({ recording: false });
  await using silent = await SqliteStorage.open(site.path, defaultHardwareTypes, trail);
  await silent.write(familyOf("host"), [client({ notes: "x" })], "update");
  expect((await trail.read({ filter: {}, after: null, count: 10, newestFirst: false })).records).toHaveLength(1);
  await expect(testTrail().verify(null, 1)).rejects.toMatchObject({ class: "BackendUnaccomplishableError" });
});

test("a full disk leaves neither a change nor a record", async () => {
  await using site = await openTestTrail();
  await site.write("host", [client()]);
  const pages = Number(site.storage.writer.value(sql`PRAGMA page_count`));
  site.storage.writer.execute(`PRAGMA max_page_count = ${pages + 20}`);
  const states = Array.from({ length: 2000 }, (_, number) =>
    object("ProductOnClient", {
      ...{ productId: `p${number}`, productType: "LocalbootProduct", clientId: "pc1.example.org" },
    }),
  );
  await expect(site.write("productOnClient", states)).rejects.toMatchObject({ class: "BackendIOError" });
  // Where the change still fits and its record does not
  const notes = randomBytes(4000).toString("hex");
  let written = 0;
  const writing = async () => {
    for (; written < 200; written++) await site.write("host", [client({ notes: `${written}${notes}` })], "update");
  };
  await expect(writing()).rejects.toMatchObject({ class: "BackendIOError" });
  const [host] = await site.storage.read(familyOf("host"), { filter: { id: "pc1.example.org" } });
  expect(host?.["notes"]).toBe(written === 0 ? "" : `${written - 1}${notes}`);
  expect(await site.records()).toHaveLength(1 + written);
  expect(await site.problems()).toEqual([]);
  site.storage.writer.execute("PRAGMA max_page_count = 1000000");
  await site.write("host", [client({ description: "room again" })], "update");
  expect(await site.problems()).toEqual([]);
});

test.each([
  ["newest first", { from: "2026-05-01" }, true],
  ["oldest first", { to: "2026-01-02" }, false],
  ["of a time before all records", { to: "2020-01-01" }, true],
  ["of a time behind all records", { from: "2030-01-01" }, false],
])("records of a time are read without going through all others: %s", async (_name, times, newestFirst) => {
  await using site = await openTestTrail();
  site.tamper(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40000)
    INSERT INTO "AUDIT_TRAIL" ("sequence", "time", "method", "type", "changes", "hash")
    SELECT n, strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', n || ' minutes'), 'x', 'Host', '[]', '' FROM numbers`);
  let reads = 0;
  const counting: typeof site.database = Object.create(site.database, {
    read: {
      value: (work: Parameters<typeof site.database.read>[0]) => {
        reads++;
        return site.database.read(work);
      },
    },
  });
  const query = { filter: times, after: null, count: 10, newestFirst };
  expect(await readTrail(counting, () => [], query)).toEqual({ records: [], next: null });
  expect(reads).toBeLessThan(40);
});
