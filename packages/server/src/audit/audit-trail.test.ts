import { familyOf, OpsiError } from "@opsi-ts/model";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { raw } from "../backends/sql/fragment.ts";
import { type Actor, actAs } from "./actor.ts";
import { object, type TestTrail, type TrailPlace, type TrailPlaces, trailPlaces } from "./test-trail.ts";

const admin: Actor = { user: "admin", host: null, address: "10.0.0.1", method: "host_createObjects" };
const agent: Actor = {
  user: null,
  host: "pc1.example.org",
  address: "10.0.0.9",
  method: "productOnClient_updateObjects",
};
const client = (more: Record<string, unknown> = {}) => object("OpsiClient", { id: "pc1.example.org", ...more });

describe.each(trailPlaces)("%s", (_name, start) => {
  let places: TrailPlaces;
  let place: TrailPlace | null = null;

  beforeAll(async () => {
    places = await start();
  });
  afterAll(() => places[Symbol.asyncDispose]());
  afterEach(async () => {
    await place?.[Symbol.asyncDispose]();
    place = null;
  });

  async function open(): Promise<TestTrail> {
    place ??= await places.create();
    return place.open();
  }

  test("a record says who changed what from where, before and after", async () => {
    await using site = await open();
    await actAs(admin, () => site.write("host", [client({ description: "old", notes: "n" })]));
    await actAs(admin, () => site.write("host", [client({ description: "new", notes: "n" })], "update"));
    await actAs(admin, () => site.storage.remove(familyOf("host"), [{ id: "pc1.example.org" }]));
    const records = await site.records();
    expect(records).toMatchObject([
      { ...admin, sequence: 1, type: "Host", changes: [{ ident: "pc1.example.org", before: null }] },
      { ...admin, sequence: 2, type: "Host" },
      { ...admin, sequence: 3, type: "Host", changes: [{ ident: "pc1.example.org", after: null }] },
    ]);
    expect(records[0]?.changes[0]?.after).toMatchObject({ description: "old", notes: "n", type: "OpsiClient" });
    expect(records[1]?.changes).toEqual([
      { ident: "pc1.example.org", before: { description: "old" }, after: { description: "new" } },
    ]);
    expect(records[2]?.changes[0]?.before).toMatchObject({ description: "new", notes: "n", type: "OpsiClient" });
    expect(Date.now() - Date.parse(records[2]?.time ?? "")).toBeLessThan(60_000);
  });

  test("what a delete takes along is recorded, too", async () => {
    await using site = await open();
    const state = { productId: "p", productType: "LocalbootProduct", clientId: "pc1.example.org" };
    await site.write("host", [client()]);
    await site.write("productOnClient", [object("ProductOnClient", state)]);
    await site.write("configState", [
      object("ConfigState", { configId: "c", objectId: "pc1.example.org", values: ["x"] }),
    ]);
    await actAs(admin, () => site.storage.remove(familyOf("host"), [{ id: "pc1.example.org" }]));
    expect((await site.records({ user: "admin" })).map(({ type, changes }) => [type, changes[0]?.ident])).toEqual(
      expect.arrayContaining([
        ["Host", "pc1.example.org"],
        ["ProductOnClient", "p;LocalbootProduct;pc1.example.org"],
        ["ConfigState", "c;pc1.example.org"],
      ]),
    );
  });

  test("writing again what is there, and noting when a host was seen, are no changes", async () => {
    await using site = await open();
    const config = (values: string[]) =>
      object("UnicodeConfig", { id: "c", possibleValues: values, defaultValues: values.slice(0, 1), multiValue: true });
    const state = (more: Record<string, unknown>) =>
      object("ProductOnClient", {
        ...{ productId: "p", productType: "LocalbootProduct", clientId: "pc1.example.org", ...more },
      });
    const hardware = { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: "pc1.example.org", name: "B" };
    const replaceHardware = (name: string) =>
      site.storage.transaction(async ({ hardware: store }) => {
        await store.removeOfHosts(["pc1.example.org"]);
        await store.write("AuditHardwareOnHost", [{ ...hardware, name }], "merge");
      });
    await site.write("host", [client()]);
    await site.write("config", [config(["a", "b"])]);
    await site.write("productOnClient", [state({ actionProgress: "x" })]);
    await replaceHardware("B");
    const before = await site.records();
    await actAs(agent, async () => {
      await site.write("host", [client({ lastSeen: "2030-01-01 00:00:00" })], "update");
      await site.write("host", [client()], "update");
      await site.write("config", [config(["a", "b"])]);
      await site.write("productOnClient", [state({ actionProgress: "x" })], "update");
      await replaceHardware("B");
    });
    expect(await site.records()).toEqual(before);
    await actAs(agent, async () => {
      await site.write("config", [config(["a", "c"])]);
      await site.write("productOnClient", [state({ actionProgress: "y" })], "update");
      await replaceHardware("C");
    });
    expect((await site.records()).slice(before.length)).toMatchObject([
      {
        ...agent,
        type: "Config",
        changes: [
          {
            ident: "c",
            before: { possibleValues: ["b"], defaultValues: [] },
            after: { possibleValues: ["c"], defaultValues: [] },
          },
        ],
      },
      { type: "ProductOnClient", changes: [{ before: { actionProgress: "x" }, after: { actionProgress: "y" } }] },
      { type: "AuditHardware", changes: [{ ident: "BIOS;2", before: null, after: { name: "C" } }] },
      { type: "AuditHardwareOnHost", changes: [{ before: { hardware_id: 1 }, after: { hardware_id: 2 } }] },
    ]);
    // An administrator who sets the time by hand does change something.
    await actAs(admin, () => site.write("host", [client({ lastSeen: "2031-01-01 00:00:00" })], "update"));
    expect((await site.records()).at(-1)).toMatchObject({ changes: [{ after: { lastSeen: "2031-01-01 00:00:00" } }] });
  });

  test("no secret gets into the database's trail, but that it changed does", async () => {
    await using site = await open();
    const keys = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
    await site.write("host", [client({ opsiHostKey: keys[0], oneTimePassword: "one-time-word" })]);
    await site.write("host", [client({ opsiHostKey: keys[1] })], "update");
    await site.write("host", [client({ opsiHostKey: keys[0] })], "update");
    await site.write("user", [object("User", { id: "u", otpSecret: "OTPSECRETOTPSECRET" })]);
    const password = (value: string) => ({ values: [value], objectId: "pc1.example.org" });
    await site.write("configState", [
      object("ConfigState", { configId: "x.domain_password", ...password("geheim-1") }),
    ]);
    await site.write("config", [
      object("UnicodeConfig", { id: "x.api-key", possibleValues: ["geheim-2"], defaultValues: ["geheim-2"] }),
    ]);
    await site.write("productPropertyState", [
      object("ProductPropertyState", { productId: "p", propertyId: "root_passwd", ...password("geheim-3") }),
    ]);
    await site.write("licenseContract", [object("LicenseContract", { id: "lc" })]);
    await site.write("softwareLicense", [object("RetailSoftwareLicense", { id: "l", licenseContractId: "lc" })]);
    await site.write("licensePool", [object("LicensePool", { id: "pool" })]);
    await site.write("softwareLicenseToLicensePool", [
      object("SoftwareLicenseToLicensePool", {
        softwareLicenseId: "l",
        licensePoolId: "pool",
        licenseKey: "AAAAA-BBBBB",
      }),
    ]);
    const records = await site.records();
    const text = JSON.stringify(records);
    for (const secret of [...keys, "one-time-word", "OTPSECRET", "geheim", "AAAAA"]) expect(text).not.toContain(secret);
    const digests = records.slice(0, 3).map(({ changes }) => changes[0]?.after?.["opsiHostKey"]);
    expect(digests).toEqual([expect.stringMatching(/^secret:[0-9a-f]{20}$/), expect.anything(), digests[0]]);
    expect(digests[1]).not.toBe(digests[0]);
    expect(records.map(({ type }) => type)).toContain("SoftwareLicenseToLicensePool");
  });

  test("what fails, at once or after many statements, leaves no record", async () => {
    await using site = await open();
    await site.write("host", [client()]);
    const states = Array.from({ length: 1200 }, (_, number) =>
      object("ProductOnClient", {
        ...{ productId: `p${number}`, productType: "LocalbootProduct", clientId: "pc1.example.org" },
      }),
    );
    const orphan = object("ProductOnClient", {
      productId: "p",
      productType: "LocalbootProduct",
      clientId: "no.example.org",
    });
    await expect(site.write("productOnClient", [...states, orphan])).rejects.toMatchObject({
      class: "BackendReferentialIntegrityError",
    });
    const refused = site.storage.transaction(async (store) => {
      await store.remove(familyOf("host"), [{ id: "pc1.example.org" }]);
      throw new OpsiError("ValueError", "no");
    });
    await expect(refused).rejects.toThrow("no");
    expect(await site.records()).toHaveLength(1);
    expect(await site.storage.count(familyOf("productOnClient"))).toBe(0);
    expect(await site.problems()).toEqual([]);
  });

  test("many rows of one call are all told of, in several records", async () => {
    await using site = await open();
    await site.write("host", [client()]);
    const states = (installationStatus: string) =>
      Array.from({ length: 1200 }, (_, number) =>
        object("ProductOnClient", {
          ...{ productId: `p${number}`, productType: "LocalbootProduct", clientId: "pc1.example.org" },
          installationStatus,
        }),
      );
    await actAs(agent, () => site.write("productOnClient", states("installed")));
    await actAs(admin, () => site.write("productOnClient", states("unknown")));
    const changes = async (user: { user?: string; host?: string }) =>
      (await site.records({ ...user, objectType: "ProductOnClient" })).flatMap((record) => record.changes);
    const created = await changes({ host: "pc1*" });
    expect(new Set(created.map(({ ident }) => ident)).size).toBe(1200);
    expect(created[0]?.after).toMatchObject({ installationStatus: "installed" });
    const changed = await changes({ user: "admin" });
    expect(changed).toHaveLength(1200);
    expect(changed[7]).toMatchObject({
      before: { installationStatus: "installed" },
      after: { installationStatus: "unknown" },
    });
    const one = await site.records({ ident: "p77;*" });
    expect(one.flatMap((record) => record.changes.map(({ ident }) => ident))).toEqual(
      Array(2).fill("p77;LocalbootProduct;pc1.example.org"),
    );
  });

  test("calls at the same time are told apart", async () => {
    await using site = await open();
    await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        actAs({ ...admin, user: `user${number}` }, async () => {
          await site.storage.transaction(async (store) => {
            await store.write(familyOf("host"), [object("OpsiClient", { id: `pc${number}.example.org` })], "insert");
            await new Promise((resolve) => setTimeout(resolve, number % 3));
            await store.write(familyOf("group"), [object("HostGroup", { id: `g${number}` })], "insert");
          });
        }),
      ),
    );
    const records = await site.records();
    expect(records).toHaveLength(100);
    for (const { user, type, changes } of records) {
      const number = user?.slice(4);
      expect(changes[0]?.ident).toBe(type === "Host" ? `pc${number}.example.org` : `g${number}`);
    }
    expect(await site.problems()).toEqual([]);
  });

  test("records are read page by page, from either end, and those of a time", async () => {
    await using site = await open();
    for (let number = 0; number < 30; number++) {
      await actAs({ ...admin, user: number % 2 ? "even" : "odd" }, () =>
        site.write("host", [client({ notes: `${number}` })]),
      );
    }
    const pages = async (newestFirst: boolean, filter = {}) => {
      const seen: number[] = [];
      for (let after: number | null = null, first = true; first || after !== null; first = false) {
        const page = await site.trail.read({ filter, after, count: 7, newestFirst });
        expect(page.records.length).toBeLessThanOrEqual(7);
        seen.push(...page.records.map(({ sequence }) => sequence));
        after = page.next;
      }
      return seen;
    };
    const all = Array.from({ length: 30 }, (_, number) => number + 1);
    expect(await pages(false)).toEqual(all);
    expect(await pages(true)).toEqual(all.toReversed());
    expect(await pages(true, { user: "EV*" })).toEqual(all.filter((number) => number % 2 === 0).toReversed());
    const records = await site.records();
    const [from, to] = [records[9]?.time ?? "", records[19]?.time ?? ""];
    const between = records.filter(({ time }) => time >= from && time < to).map(({ sequence }) => sequence);
    expect(await pages(false, { from, to })).toEqual(between);
    expect(await pages(true, { from, to })).toEqual(between.toReversed());
    expect(await pages(false, { user: "e?en" })).toEqual([]);
    await expect(site.records({ from: "yesterday" })).rejects.toThrow("Bad time: 'yesterday'");
  });

  test("old records go, and what is left can still be verified", async () => {
    await using site = await open();
    for (let number = 0; number < 250; number++) await site.write("host", [client({ notes: `${number}` })]);
    const edge = (await site.records())[229]?.time ?? "";
    const gone = (await site.records()).findIndex(({ time }) => time >= edge);
    expect(await site.trail.prune(new Date(edge))).toBe(gone);
    const left = await site.records();
    expect(left[0]?.sequence).toBe(gone + 1);
    expect(left.at(-1)).toMatchObject({
      type: "AuditTrail",
      changes: [{ ident: "pruned", before: { first: 1 }, after: { first: gone + 1 } }],
    });
    expect(await site.trail.verify(null, 1000)).toMatchObject({ first: gone + 1, last: 251, problems: [], next: null });
    await site.trail.prune(new Date(Date.now() + 1000));
    expect((await site.records()).length).toBeLessThanOrEqual(2);
    await site.write("host", [client({ notes: "later" })]);
    expect(await site.problems()).toEqual([]);
    const statement = `UPDATE "AUDIT_TRAIL_END" SET "sequence" = 0 WHERE "name" = 'first'`;
    await site.database.transaction(async (runner) => runner.change(raw(statement)));
    await expect(site.trail.prune(new Date())).rejects.toMatchObject({ class: "BackendIOError" });
  });
});
