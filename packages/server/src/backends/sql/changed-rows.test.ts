import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  defaultHardwareTypes,
  familyOf,
  fromHash,
  isOpsiError,
  type ObjectType,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ObjectStore, WriteMode } from "../storage.ts";
import type { ChangeWatch } from "./change-watch.ts";
import { type ChangedRows, changesOfRows, type Row, watchedTables } from "./changed-rows.ts";
import { hardwareLayouts } from "./hardware/hardware-layout.ts";
import { SqliteStorage } from "./sqlite/sqlite-storage.ts";

const watched = watchedTables(hardwareLayouts(defaultHardwareTypes).values());

test("tables stand behind those that take their rows along", () => {
  const names = watched.map(({ table }) => table.name);
  for (const { table, children } of watched) {
    for (const child of children) expect(names.indexOf(child.table.name)).toBeGreaterThan(names.indexOf(table.name));
  }
});

type Rows = Map<string, Row>;
type State = Map<string, Rows>;

const keyOf = (columns: readonly string[], key: readonly string[], row: Row) =>
  JSON.stringify(key.map((name) => row[columns.indexOf(name)]));

/** All rows of all tables. */
function stateOf(path: string): State {
  using database = new DatabaseSync(path, { readOnly: true });
  return new Map(
    watched.map(({ table: { name, columns, primaryKey } }) => {
      const statement = database.prepare(`SELECT ${columns.map((column) => `"${column}"`).join(", ")} FROM "${name}"`);
      statement.setReturnArrays(true);
      const rows = statement.all() as unknown as Row[];
      return [name, new Map(rows.map((row) => [keyOf(columns, primaryKey, row), row]))];
    }),
  );
}

/** Makes the changes that were told; each must fit what was there. */
function apply(state: State, told: readonly ChangedRows[]): void {
  for (const { table, rows } of told) {
    const changes =
      "before" in rows ? changesOfRows(table, JSON.parse(rows.before), JSON.parse(rows.after)) : [...rows];
    const known = state.get(table.name) as Rows;
    for (const { before } of changes) {
      if (!before) continue;
      const key = keyOf(table.columns, table.primaryKey, before);
      expect([table.name, known.get(key)]).toEqual([table.name, before]);
      known.delete(key);
    }
    for (const { after } of changes) if (after) known.set(keyOf(table.columns, table.primaryKey, after), after);
  }
}

const host = fc.constantFrom("pc1.example.org", "pc2.example.org", "pc3.example.org");
const some = fc.constantFrom("a", "b", "c");
const uuid = fc.constantFrom("", "4c4c4544-0035-3510-8054-b6c04f594e31", "4c4c4544-0035-3510-8054-b6c04f594e32");
const version = fc.constantFrom("1", "2");
const productType = fc.constantFrom("LocalbootProduct", "NetbootProduct");

/** Attributes of objects that get in each other's way. */
const objects: Readonly<Record<string, fc.Arbitrary<Record<string, unknown>>>> = {
  OpsiClient: fc.record({ id: host, systemUUID: uuid, notes: some, opsiHostKey: fc.constant("0".repeat(32)) }),
  OpsiDepotserver: fc.record({
    id: fc.constant("depot.example.org"),
    notes: some,
    opsiHostKey: fc.constant("1".repeat(32)),
  }),
  UnicodeConfig: fc.record({
    id: some,
    possibleValues: fc.uniqueArray(some),
    defaultValues: fc.constant([]),
    multiValue: fc.constant(true),
  }),
  ConfigState: fc.record({ configId: some, objectId: host, values: fc.array(some, { maxLength: 2 }) }),
  HostGroup: fc.record({ id: some, description: some }),
  ObjectToGroup: fc.record({ groupType: fc.constant("HostGroup"), groupId: some, objectId: host }),
  LocalbootProduct: fc.record({ id: some, productVersion: version, packageVersion: version, name: some }),
  UnicodeProductProperty: fc.record({
    ...{ productId: some, productVersion: version, packageVersion: version, propertyId: some },
    possibleValues: fc.uniqueArray(some),
    multiValue: fc.constant(true),
  }),
  ProductPropertyState: fc.record({ productId: some, propertyId: some, objectId: host, values: fc.array(some) }),
  ProductOnDepot: fc.record({
    ...{ productId: some, productType, productVersion: version, packageVersion: version },
    depotId: fc.constant("depot.example.org"),
  }),
  ProductOnClient: fc.record({ productId: some, productType, clientId: host, actionProgress: some }),
  LicenseContract: fc.record({ id: some, notes: some }),
  RetailSoftwareLicense: fc.record({ id: some, licenseContractId: some, boundToHost: host }),
  LicensePool: fc.record({ id: some, productIds: fc.uniqueArray(some) }),
  SoftwareLicenseToLicensePool: fc.record({ softwareLicenseId: some, licensePoolId: some, licenseKey: some }),
  LicenseOnClient: fc.record({ softwareLicenseId: some, licensePoolId: some, clientId: host, notes: some }),
  // Not spelled in two ways by one transaction: where it ends as it began, what it has renamed meanwhile is not told.
  AuditSoftware: fc.record({ name: fc.constant("Tool"), version: some, ...software() }),
  AuditSoftwareOnClient: fc.record({
    name: fc.constantFrom("Tool", "TOOL"),
    version: some,
    ...software(),
    clientId: host,
  }),
};

function software() {
  return { subVersion: fc.constant(""), language: fc.constant(""), architecture: fc.constant("x64") };
}

type Operation = (store: ObjectStore) => Promise<void>;

const ofObjects = fc
  .constantFrom(...Object.keys(objects))
  .chain((type) =>
    fc.tuple(
      fc.constant(type),
      fc.array(objects[type] as fc.Arbitrary<Record<string, unknown>>, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<WriteMode | "remove">("insert", "merge", "update", "remove"),
    ),
  )
  .map(([name, hashes, mode]): Operation => {
    const type = objectTypes.get(name);
    if (!type) throw new Error(name);
    const family = familyOf(type.prefix);
    const given = hashes.map((hash): OpsiObject => fromHash(type, hash));
    return (store) => (mode === "remove" ? store.remove(family, given) : store.write(family, given, mode));
  });

const ofHardware = fc
  .tuple(host, host, some, fc.constantFrom("insert", "update", "remove", "removeDevice", "removeOfHosts", "move"))
  .map(([hostId, other, name, kind]): Operation => {
    const hash = { hardwareClass: "BIOS", name };
    const piece = defaultHardwareTypes.fromHash("AuditHardwareOnHost", { ...hash, hostId, serialNumber: name });
    return async ({ hardware }) => {
      if (kind === "remove") await hardware.remove("AuditHardwareOnHost", [piece]);
      else if (kind === "removeDevice") {
        await hardware.remove("AuditHardware", [defaultHardwareTypes.fromHash("AuditHardware", hash)]);
      } else if (kind === "removeOfHosts") await hardware.removeOfHosts([hostId]);
      else if (kind === "move") await hardware.moveToHost(hostId, other);
      else await hardware.write("AuditHardwareOnHost", [piece], kind as WriteMode);
    };
  });

const isRefusal = (error: unknown) =>
  isOpsiError(error, "BackendReferentialIntegrityError") || isOpsiError(error, "ValueError");

let folder: string;
let path: string;
let storage: SqliteStorage;
let told: ChangedRows[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "changed-rows-"));
  path = join(folder, "opsi.sqlite");
  const transaction = { tell: (changed: ChangedRows) => void told.push(changed), finish: async () => {} };
  const watch: Pick<ChangeWatch, "attach"> = {
    attach: async () => ({ begin: () => transaction, committed: () => {} }),
  };
  storage = await SqliteStorage.open(path, defaultHardwareTypes, watch);
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs a transaction, and compares what is told of it with what it did. @returns how much was told */
async function follow(work: Operation): Promise<number> {
  const state = stateOf(path);
  told = [];
  try {
    await storage.transaction(work);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    told = [];
  }
  apply(state, told);
  expect(state).toEqual(stateOf(path));
  return told.length;
}

test("whatever a transaction does, what is told of it leads from what was there to what is there", async () => {
  const operations = fc.array(fc.oneof({ weight: 5, arbitrary: ofObjects }, ofHardware), { maxLength: 6 });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(operations, async (list) => {
      count += await follow(async (store) => {
        for (const operation of list) await operation(store);
      });
    }),
    { numRuns: 200 },
  );
  expect(count).toBeGreaterThan(100);
});

test("software that is spelled otherwise renames that of the clients", async () => {
  const ident = { version: "x", subVersion: "", language: "", architecture: "x64" };
  const software = (name: string) => fromHash(objectTypes.get("AuditSoftware") as ObjectType, { ...ident, name });
  const onClient = fromHash(objectTypes.get("AuditSoftwareOnClient") as ObjectType, {
    ...{ ...ident, name: "Tool", clientId: "pc9.example.org" },
  });
  const client = fromHash(objectTypes.get("OpsiClient") as ObjectType, { id: "pc9.example.org" });
  await follow(async (store) => {
    await store.write(familyOf("host"), [client], "insert");
    await store.write(familyOf("auditSoftware"), [software("Tool")], "insert");
    await store.write(familyOf("auditSoftwareOnClient"), [onClient], "insert");
  });
  expect(await follow((store) => store.write(familyOf("auditSoftware"), [software("TOOL")], "insert"))).toBe(2);
});
