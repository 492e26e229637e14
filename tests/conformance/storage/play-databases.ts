import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import type { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import { Comparison } from "../packages/compare.ts";
import type { Stage } from "./player.ts";
import { compareObjects, differences, type Hash, putObjects, type RecordedObjects } from "./recorded-objects.ts";
import { readJson, readText } from "./recordings.ts";

/** A database into which a dump was loaded. */
export async function loaded(server: TestMariaDb, dump: string) {
  const settings = server.newDatabase();
  // Tables stand in the order of their names, whatever refers to what.
  await server.execute(settings.database, `SET foreign_key_checks = 0; ${await readText(dump)}`);
  return settings;
}

/** Reads, makes and cleans up databases of 4.3. */
export async function playDatabase43({ tally, recordings, databases }: Stage): Promise<void> {
  const comparison = (name: string) => new Comparison(tally, `mysql-4.3/${name}`);
  const [dump, objects] = [
    await recordings.find("mysql-4.3/site.sql.gz"),
    await recordings.find("mysql-4.3/site.json.gz"),
  ];
  if (dump && objects) await playDump(comparison("site"), await databases.mariaDb(), dump, await readJson(objects));
  if (objects) await playWriting(comparison("written"), await databases.mariaDb(), await readJson(objects));
  const schema = await recordings.find("mysql-4.3/schema.sql");
  if (schema) await playSchema(comparison("schema"), await databases.mariaDb(), schema);
  const disorder = await recordings.find("mysql-4.3/cleanup.sql.gz");
  const order = await recordings.find("mysql-4.3/cleanup-after.json.gz");
  if (disorder && order)
    await playCleanUp(comparison("cleanup"), await databases.mariaDb(), disorder, await readJson(order));
}

/** Reading it changes nothing of it. */
async function playDump(
  comparison: Comparison,
  server: TestMariaDb,
  dump: string,
  wanted: RecordedObjects,
): Promise<void> {
  await comparison.step("read", async () => {
    const settings = await loaded(server, dump);
    const schema = await server.describe(settings.database);
    await using storage = await MySqlStorage.open(settings);
    compareObjects(comparison, "read", wanted, await readObjects(storage));
    comparison.equal("schema unchanged", schema, await server.describe(settings.database));
  });
}

async function playWriting(comparison: Comparison, server: TestMariaDb, wanted: RecordedObjects): Promise<void> {
  await comparison.step("write", async () => {
    await using storage = await MySqlStorage.open(server.newDatabase());
    await putObjects(storage, wanted);
    compareObjects(comparison, "write", wanted, await readObjects(storage));
  });
}

async function playSchema(comparison: Comparison, server: TestMariaDb, schema: string): Promise<void> {
  await comparison.step("create", async () => {
    const settings = server.newDatabase();
    await using _storage = await MySqlStorage.open(settings);
    const original = await loaded(server, schema);
    const [wanted, found] = [await server.describe(original.database), await server.describe(settings.database)];
    for (const kind of ["columns", "keys", "foreignKeys", "tables"] as const) {
      comparison.equal(`create ${kind}`, wanted[kind], found[kind]);
    }
  });
}

/** The original deletes users who never logged in, and assignments to depots that are gone; ours stay. */
const isKept = ({ configId, lastLogin }: Hash) => configId === "clientconfig.depot.id" || lastLogin === null;

async function playCleanUp(
  comparison: Comparison,
  server: TestMariaDb,
  dump: string,
  wanted: RecordedObjects,
): Promise<void> {
  await comparison.step("open", async () => {
    const settings = await loaded(server, dump);
    const started = new Date(Date.now() - 1000);
    await using storage = await MySqlStorage.open(settings);
    const found = await readObjects(storage);
    for (const [name, objects] of Object.entries(wanted)) {
      const ours = found[name] ?? [];
      // What is filled in gives a row the time of that.
      const touched = new Set(ours.filter((hash) => isSince(hash, started)).map(identOf));
      const view = (hash: Hash) => (touched.has(identOf(hash)) ? { ...hash, modificationTime: null } : hash);
      const others = (list: readonly Hash[]) => list.filter((hash) => !isKept(hash));
      const detail = differences(others(objects), others(ours), view);
      comparison.holds(`open ${name}`, detail === "", detail);
      const lost = differences(objects.filter(isKept), ours.filter(isKept), view).includes("missing");
      comparison.holds(`kept ${name}`, !lost, "objects were removed that the original keeps");
    }
  });
}

const isSince = ({ modificationTime }: Hash, time: Date) =>
  typeof modificationTime === "string" && new Date(modificationTime.replace(" ", "T")) >= time;

const identOf = ({ productId, productType, clientId }: Hash) => `${productId};${productType};${clientId}`;

/** Times that the original leaves as they are in a database of 4.2. */
const isLeft = ([table = "", column = ""]: readonly string[]) =>
  `${table}.${column}` === "PRODUCT_ON_CLIENT.modificationTime" || table === "OPSI_SCHEMA";

/** Brings a database of 4.2 up to date. */
export async function playDatabase42({ tally, recordings, databases }: Stage): Promise<void> {
  const [dump, before, after] = [
    await recordings.find("mysql-4.2/site.sql.gz"),
    await recordings.find("mysql-4.2/before.json.gz"),
    await recordings.find("mysql-4.2/after.json.gz"),
  ];
  if (!dump || !before || !after) return;
  const server = await databases.mariaDb();
  const comparison = new Comparison(tally, "mysql-4.2");
  await comparison.step("migrate", async () => {
    const settings = await loaded(server, dump);
    await using storage = await MySqlStorage.open(settings);
    const wanted = withoutLoss(await readJson(before), await readJson(after));
    compareObjects(comparison, "migrate", wanted, await readObjects(storage));
    const fresh = server.newDatabase();
    await using _new = await MySqlStorage.open(fresh);
    const [found, ours] = [await server.describe(settings.database), await server.describe(fresh.database)];
    const columns = (rows: readonly string[][]) =>
      rows
        .filter((row) => !isLeft(row))
        .map(String)
        .sort();
    comparison.equal("columns", columns(ours.columns), columns(found.columns));
    comparison.equal("foreign keys", ours.foreignKeys, found.foreignKeys);
    comparison.equal("tables", ours.tables, found.tables);
    const withoutName = ([table, _name, ...key]: readonly string[]) => `${table} ${key}`;
    const keys = new Set(found.keys.map(withoutName));
    comparison.equal(
      "missing keys",
      [],
      ours.keys.map(withoutName).filter((key) => !keys.has(key)),
    );
  });
}

/**
 * What the original makes of it. But for the software of a client that does not exist it deletes that of all clients
 * that have the same: here only the orphans go.
 */
export function withoutLoss(before: RecordedObjects, after: RecordedObjects): RecordedObjects {
  const hosts = new Set(after["Host"]?.map(({ id }) => id));
  const software = before["AuditSoftwareOnClient"]?.filter(({ clientId }) => hosts.has(clientId)) ?? [];
  return { ...after, AuditSoftwareOnClient: software };
}
