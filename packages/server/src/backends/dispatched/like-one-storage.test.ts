import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { families, familyOf, isOpsiError, type OpsiObject, objectTypes } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StorageName } from "../dispatch.ts";
import { SqliteStorage } from "../sql/sqlite/sqlite-storage.ts";
import type { ObjectStore, Storage } from "../storage.ts";
import { DispatchedStorage } from "./dispatched-storage.ts";
import { hardwarePrefixes, type Places } from "./places.ts";
import { SitePlan } from "./site-plan.ts";
import { fill, object, pc1, pc2, server } from "./test-objects.ts";

/* Whatever is written and removed: several storages answer, and refuse, as one does. Both are databases here. */

const one = (...values: string[]) => fc.constantFrom(...values);
const client = one(pc1, pc2);
const product = { productId: one("p", "q"), productVersion: one("1"), packageVersion: one("2") };
const software = {
  ...{
    name: one("editor", "viewer"),
    version: one("1"),
    subVersion: one(""),
    language: one(""),
    architecture: one("x64"),
  },
};
const license = { softwareLicenseId: one("l"), licensePoolId: one("pool", "other") };

/** What there is after `fill`, and a little more. */
const attributes: Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<unknown>>>>> = {
  OpsiClient: { id: client, notes: one("a", "b") },
  LocalbootProduct: { ...product, id: product.productId, name: one("a", "b") },
  UnicodeProductProperty: { ...product, propertyId: one("x") },
  ProductOnDepot: { ...product, productType: one("LocalbootProduct"), depotId: one(server) },
  ProductOnClient: { ...product, productType: one("LocalbootProduct"), clientId: client },
  ProductPropertyState: { ...product, propertyId: one("x"), objectId: client, values: fc.array(one("1", "2")) },
  UnicodeConfig: { id: one("color", "other"), possibleValues: fc.array(one("red", "blue")) },
  ConfigState: { configId: one("color", "other"), objectId: client, values: fc.array(one("red", "blue")) },
  HostGroup: { id: one("room", "hall") },
  ObjectToGroup: { groupType: one("HostGroup"), groupId: one("room", "hall"), objectId: client },
  AuditSoftware: software,
  AuditSoftwareOnClient: { ...software, clientId: client },
  LicenseContract: { id: one("c", "d") },
  LicensePool: { id: license.licensePoolId },
  OEMSoftwareLicense: {
    id: license.softwareLicenseId,
    licenseContractId: one("c", "d"),
    boundToHost: fc.option(client),
  },
  SoftwareLicenseToLicensePool: license,
  LicenseOnClient: { ...license, clientId: client },
};

interface Step {
  readonly mode: "insert" | "update" | "merge" | "remove";
  readonly given: OpsiObject;
}
const step: fc.Arbitrary<Step> = fc.oneof(
  ...Object.entries(attributes).map(([type, values]) =>
    fc.record({
      mode: fc.constantFrom(
        "insert" as const,
        "insert" as const,
        "update" as const,
        "merge" as const,
        "remove" as const,
      ),
      given: fc.record(values).map((hash) => object(type, hash)),
    }),
  ),
);

const prefixes = [...families.map(({ prefix }) => prefix), ...hardwarePrefixes];
const together = ["productProperty", "productPropertyState"]; // a property that goes takes states without a product along
const plan = fc
  .array(fc.constantFrom<Places>(["sqlite"], ["mysql"], ["mysql", "sqlite"]), {
    minLength: prefixes.length,
    maxLength: prefixes.length,
  })
  .map((list) => {
    const places = new Map(prefixes.map((prefix, index) => [prefix, list[index] ?? (["sqlite"] as const)]));
    for (const [first = "", second = ""] of [hardwarePrefixes, together]) {
      places.set(second, places.get(first) ?? ["sqlite"]);
    }
    return places.set("user", ["sqlite"]).set("productDependency", ["mysql"]);
  });

async function play(storage: Storage, steps: readonly Step[]): Promise<string> {
  const run = async (store: ObjectStore) => {
    for (const { mode, given } of steps) {
      const family = familyOf(objectTypes.get(given.type)?.prefix ?? "");
      if (mode === "remove") await store.remove(family, [given]);
      else await store.write(family, [given], mode);
    }
  };
  try {
    await (steps.length > 1 ? storage.transaction(run) : run(storage));
    return "done";
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    return error.class;
  }
}

/** What the storage makes up itself. */
const madeUp = /^(opsiHostKey|created|lastSeen|modificationTime|firstseen|lastseen|\w+Date)$/;

async function everything(storage: Storage): Promise<unknown> {
  const all = families.map(async (family) => [family.prefix, await storage.read(family)] as const);
  const json = JSON.stringify(await Promise.all(all), (name, value) => (madeUp.test(name) ? undefined : value));
  return JSON.parse(json);
}

test("several storages do as one", async () => {
  const calls = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(plan, calls, async (places, all) => {
      await using stack = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), "like-one-"));
      stack.defer(() => rm(folder, { recursive: true }));
      const open = (name: string) => SqliteStorage.open(join(folder, name));
      const single = stack.use(await open("single"));
      const openSeveral = async () =>
        DispatchedStorage.open({
          plan: new SitePlan(places),
          storages: new Map<StorageName, Storage>([
            ["sqlite", await open("one")],
            ["mysql", await open("other")],
          ]),
          journal: join(folder, "journal"),
          onProblem: (message) => expect.unreachable(message),
        });
      await fill(single);
      {
        await using several = await openSeveral();
        await fill(several);
        for (const steps of all) expect(await play(several, steps)).toBe(await play(single, steps));
        expect(await everything(several)).toEqual(await everything(single));
      }
      await using several = await openSeveral();
      expect(await everything(several)).toEqual(await everything(single));
    }),
    { numRuns: 4, interruptAfterTimeLimit: 40_000 },
  );
}, 60_000);
