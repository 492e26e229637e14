import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHardwareTypes, familyOf } from "@opsi-ts/model";
import type { ProgramReport } from "@opsi-ts/protocol";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openNamedStorage, type StorageSite } from "../backends/open-storage.ts";
import { TestMariaDb } from "../backends/sql/mysql/test-mariadb.ts";
import { TestPostgresql } from "../backends/sql/postgresql/test-postgresql.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import type { Storage } from "../backends/storage.ts";
import { objectTypeNames, portionsOf } from "../backup/object-types.ts";
import { type ConversionRequest, convertObjects, endConversion } from "./convert-objects.ts";
import { locate } from "./location.ts";
import { everyKind, fill, objectOf } from "./test-objects.ts";

const servers = new AsyncDisposableStack();
let mariaDb: TestMariaDb;
let postgresql: TestPostgresql;
beforeAll(async () => {
  [mariaDb, postgresql] = await Promise.all([TestMariaDb.start(), TestPostgresql.start()]);
  servers.use(mariaDb);
  servers.use(postgresql);
});
afterAll(() => servers.disposeAsync());

/** A site below a folder of its own, with a database that does not exist yet. */
async function newSite(): Promise<StorageSite> {
  const root = await mkdtemp(join(tmpdir(), "convert-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const [state, backends] = [join(root, "state"), join(root, "backends")];
  for (const folder of [state, backends]) await mkdir(folder);
  for (const [name, server] of [["mysql", mariaDb] as const, ["postgresql", postgresql] as const]) {
    const { address, database, username } = server.newDatabase();
    const config = { address, database, username, password: "" };
    await writeFile(join(backends, `${name}.conf`), `module = "${name}"\nconfig = ${JSON.stringify(config)}\n`);
  }
  return {
    ...{
      dispatch: join(root, "dispatch.conf"),
      backends,
      mysqlUrl: "",
      postgresqlUrl: "",
      state,
      hostKeys: join(root, "pckeys"),
    },
    ...{ serverId: "opsi.example.org", hardware: defaultHardwareTypes, watch: null, onProblem: () => {} },
  };
}

/** A conversion without what follows it. */
function copy(site: StorageSite, from: string, to: string, changes: Partial<ConversionRequest> = {}) {
  return convertObjects({
    ...{ from: locate(from, site, "/"), to: locate(to, site, "/"), site },
    ...{ replace: false, anew: false, acceptLosses: false, dryRun: false, problems: [], report: () => {} },
    signal: new AbortController().signal,
    ...changes,
  });
}

async function convert(...request: Parameters<typeof copy>) {
  const result = await copy(...request);
  if (result.comparison.length > 0) endConversion(request[0]);
  return result;
}

const sqlite = ({ state }: StorageSite) => SqliteStorage.open(join(state, "opsi.sqlite"));

/** Everything, in an order that does not depend on the storage. */
async function contents(opening: Promise<Storage>): Promise<string[]> {
  await using storage = await opening;
  await using snapshot = storage.snapshot();
  const lines: string[] = [];
  for (const name of objectTypeNames) {
    for await (const portion of portionsOf(snapshot, name)) {
      for (const { ident: _ident, ...object } of portion) {
        const pairs = Object.entries(object).filter(([, value]) => value !== null && value !== "");
        lines.push(`${name} ${JSON.stringify(Object.fromEntries(pairs.sort()))}`);
      }
    }
  }
  return lines.sort();
}

test("through all storages and back, nothing is lost", async () => {
  const site = await newSite();
  {
    await using storage = await sqlite(site);
    await fill(storage, everyKind());
  }
  const before = await contents(sqlite(site));
  const route = ["sqlite", "mysql", "file", "postgresql", "mysql", "sqlite:/back"];
  for (const [index, to] of [...route.entries()].slice(1)) {
    const target = to === "sqlite:/back" ? `sqlite:${join(site.state, "back.sqlite")}` : to;
    const { losses, comparison } = await convert(site, route[index - 1] ?? "", target, { replace: index === 4 });
    expect({ to, losses, different: comparison.filter(({ same }) => !same) }).toEqual({
      to,
      losses: [],
      different: [],
    });
    expect(comparison.map(({ type }) => type)).toEqual(objectTypeNames);
    expect(comparison.filter(({ objects }) => objects === 0)).toEqual([]);
  }
  expect(await contents(SqliteStorage.open(join(site.state, "back.sqlite")))).toEqual(before);
  expect(await contents(openNamedStorage("file", site))).toEqual(before);
  expect(await contents(sqlite(site))).toEqual(before);
});

/** Stops a conversion when it reports for the n-th time. */
function interrupted(reports: number): Pick<ConversionRequest, "report" | "signal"> {
  const interruption = new AbortController();
  let left = reports;
  const report = ({ kind }: ProgramReport) => {
    if (kind === "progress" && --left === 0) interruption.abort(new Error("enough"));
  };
  return { report, signal: interruption.signal };
}

test.each(["mysql", "file", "sqlite:other"] as const)(
  "a conversion to %s that is stopped anywhere goes on",
  async (typed) => {
    const site = await newSite();
    const isDatabase = typed === "mysql";
    const to = typed.replace("other", join(site.state, "other.sqlite"));
    {
      await using storage = await sqlite(site);
      await fill(storage, everyKind());
    }
    const before = await contents(sqlite(site));
    let stops = 0;
    for (let reports = 26; ; reports += 14) {
      try {
        const { comparison } = await convert(site, "sqlite", to, interrupted(reports));
        expect(comparison.filter(({ same }) => !same)).toEqual([]);
        break;
      } catch (error) {
        expect(error).toMatchObject({ message: "enough" });
        stops++;
        // Nothing half-converted is taken for whole.
        if (isDatabase && stops > 1) await expect(openNamedStorage(typed, site)).rejects.toThrow("is not finished");
        const names = await readdir(site.state);
        expect(names.filter((name) => name === "config" || name === "other.sqlite")).toEqual([]);
      }
    }
    expect(stops).toBeGreaterThan(3);
    const opened = isDatabase || typed === "file" ? openNamedStorage(typed, site) : SqliteStorage.open(to.slice(7));
    expect(await contents(opened)).toEqual(before);
    expect(await readdir(site.state)).not.toContain("conversion.json");
  },
);

test("what the target cannot keep is named before anything is written", async () => {
  const site = await newSite();
  {
    await using storage = await sqlite(site);
    await fill(storage, {
      Host: [
        { type: "OpsiConfigserver", id: "other.example.org" },
        { type: "OpsiClient", id: "pc1.example.org", description: "Schule 😀" },
      ],
      ConfigState: [{ type: "ConfigState", configId: "a", objectId: "gone.example.org", values: ["x"] }],
      AuditSoftware: ["Müller", "Muller"].map((name) => {
        return { type: "AuditSoftware", name, version: "", subVersion: "", language: "", architecture: "" };
      }),
    });
  }
  const toMysql = await convert(site, "sqlite", "mysql");
  expect(toMysql).toMatchObject({
    comparison: [],
    losses: [
      { ident: "pc1.example.org", attribute: "description", problem: "has characters that become question marks" },
      { type: "AuditSoftware", ident: "Muller;;;;", attribute: null },
    ],
  });
  expect((await convert(site, "sqlite", "file")).losses).toMatchObject([
    { type: "OpsiConfigserver", ident: "other.example.org", problem: expect.stringContaining("'opsi.example.org' is") },
    { type: "ConfigState", ident: "a;gone.example.org", problem: expect.stringContaining("there is no host") },
  ]);
  expect(await readdir(site.state)).toEqual(["opsi.sqlite"]);
  const accepted = await convert(site, "sqlite", "mysql", { acceptLosses: true });
  expect(accepted.comparison.filter(({ same }) => !same)).toEqual([]);
  await using storage = await openNamedStorage("mysql", site);
  expect(await storage.read(familyOf("host"), { filter: { id: "pc1.example.org" } })).toMatchObject([
    { description: "Schule ?" },
  ]);
});

test("a target that holds objects, or that somebody uses, is left alone", async () => {
  const site = await newSite();
  const other = join(site.state, "other.sqlite");
  for (const path of [join(site.state, "opsi.sqlite"), other]) {
    await using storage = await SqliteStorage.open(path);
    await fill(storage, everyKind(1));
  }
  await expect(convert(site, "sqlite", `sqlite:${other}`)).rejects.toThrow("holds objects already: --replace");
  {
    await using _used = await SqliteStorage.open(other);
    await expect(convert(site, "sqlite", `sqlite:${other}`, { replace: true })).rejects.toThrow("is in use by");
    await expect(convert(site, `sqlite:${other}`, "file")).rejects.toThrow("is in use by");
  }
  await expect(convert(site, "sqlite", "sqlite")).rejects.toThrow("Both are");
  await convert(site, "sqlite", "mysql");
  await expect(convert(site, "sqlite", "mysql")).rejects.toThrow("holds objects already");
  {
    await using storage = await openNamedStorage("mysql", site);
    await storage.read(familyOf("host"));
    await expect(convert(site, "mysql", "file")).rejects.toThrow(/is in use by root@/);
  }
  const { former } = await convert(site, "sqlite", `sqlite:${other}`, { replace: true });
  expect(await contents(SqliteStorage.open(former ?? ""))).toEqual(await contents(SqliteStorage.open(other)));
});

test("when the source has changed meanwhile, what was converted of it is thrown away", async () => {
  const site = await newSite();
  {
    await using storage = await sqlite(site);
    await fill(storage, everyKind());
  }
  await expect(convert(site, "sqlite", "mysql", interrupted(35))).rejects.toThrow("enough");
  expect(await readFile(join(site.state, "conversion.json"), "utf8")).toContain('"Host"');
  {
    await using storage = await sqlite(site);
    const change = objectOf("Host", { type: "OpsiClient", id: "pc0.example.org", description: "changed" });
    await storage.write(familyOf("host"), [change], "update");
  }
  const { comparison } = await convert(site, "sqlite", "mysql");
  expect(comparison.filter(({ same }) => !same)).toEqual([]);
  expect(await contents(openNamedStorage("mysql", site))).toEqual(await contents(sqlite(site)));
});

test("a complete conversion that was not put to use is not, when the source has changed since", async () => {
  const site = await newSite();
  {
    await using storage = await sqlite(site);
    await fill(storage, everyKind(1));
  }
  const other = join(site.state, "other.sqlite");
  const { comparison } = await copy(site, "sqlite", `sqlite:${other}`);
  expect((await copy(site, "sqlite", `sqlite:${other}`)).comparison).toEqual(comparison);
  {
    await using storage = await sqlite(site);
    const change = objectOf("Host", { type: "OpsiClient", id: "pc0.example.org", description: "changed" });
    await storage.write(familyOf("host"), [change], "update");
  }
  await expect(copy(site, "sqlite", `sqlite:${other}`)).rejects.toThrow("holds objects already: --replace");
  await copy(site, "sqlite", `sqlite:${other}`, { replace: true });
  expect(await contents(SqliteStorage.open(other))).toEqual(await contents(sqlite(site)));
});
