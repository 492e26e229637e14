import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { familyOf, OpsiError } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StorageName } from "../dispatch.ts";
import { beforeCommit } from "./test-commit.ts";
import { client, counts, fill, object, pc1, pc2, same, server, software } from "./test-objects.ts";
import { TestSite } from "./test-site.ts";

const hosts = familyOf("host");
/** Files commit first. */
const dispatch = "host_.* : file\nproduct.* : file\nconfig.* : file\n.* : sqlite\n";

let site: TestSite;
beforeEach(async () => {
  site = await TestSite.create(dispatch);
  await using storage = await site.open();
  await fill(storage);
});
afterEach(() => site[Symbol.asyncDispose]());

/** Runs a program with the site's storage; it is killed when one of the storages is about to commit. */
async function killedBefore(name: StorageName, program: string): Promise<void> {
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const text = `(async () => {
    const { familyOf } = await import("@opsi-ts/model");
    const { TestSite } = await import(${source("./test-site.ts")});
    const { beforeCommit } = await import(${source("./test-commit.ts")});
    const { client, object } = await import(${source("./test-objects.ts")});
    let isArmed = false;
    const storage = await TestSite.at(${JSON.stringify(site.folder)}).openBetween((name, storage) =>
      beforeCommit(storage, () => { if (isArmed && name === "${name}") process.kill(process.pid, "SIGKILL"); }));
    isArmed = true;
    ${program}
  })()`;
  const child = spawn(process.execPath, ["-e", text], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

const removal = `await storage.remove(familyOf("host"), [{ id: "${pc1}" }]);`;

test("killed when only the files were changed: the rest follows at the next start", async () => {
  await killedBefore("sqlite", removal);
  expect(existsSync(join(site.folder, "config/clients", `${pc1}.ini`))).toBe(false);
  await using storage = await site.open();
  expect(await counts(storage)).toEqual(same(0));
  expect(await storage.readIdents(hosts)).toEqual([{ id: pc2 }, { id: server }]);
  expect(existsSync(join(site.folder, "storages.journal"))).toBe(false);
  expect(site.problems).toEqual([]);
});

test("killed when it was decided and nothing was changed: all of it follows", async () => {
  await killedBefore("file", removal);
  expect(existsSync(join(site.folder, "config/clients", `${pc1}.ini`))).toBe(true);
  await using storage = await site.open();
  expect(await counts(storage)).toEqual(same(0));
  expect(await storage.count(hosts)).toBe(2);
});

test("a client that gets another id takes everything along, whenever the server is killed", async () => {
  await killedBefore(
    "sqlite",
    `await storage.transaction(async (store) => {
      const [old] = await store.read(familyOf("host"), { filter: { id: "${pc1}" } });
      const id = "new.example.org";
      const all = [];
      for (const [prefix, name] of [["auditSoftwareOnClient", "clientId"], ["productOnClient", "clientId"], ["licenseOnClient", "clientId"]]) {
        const objects = await store.read(familyOf(prefix), { filter: { [name]: "${pc1}" } });
        all.push([familyOf(prefix), objects.map((one) => ({ ...one, [name]: id }))]);
      }
      await store.hardware.moveToHost("${pc1}", id);
      await store.remove(familyOf("host"), [old]);
      await store.write(familyOf("host"), [{ ...old, id }], "insert");
      for (const [family, objects] of all) await store.write(family, objects, "insert");
    });`,
  );
  await using storage = await site.open();
  const [renamed] = await storage.read(hosts, { filter: { id: "new.example.org" } });
  expect(renamed).toMatchObject({ description: "one", opsiHostKey: expect.stringMatching(/^[0-9a-f]{32}$/) });
  for (const prefix of ["auditSoftwareOnClient", "productOnClient", "licenseOnClient"]) {
    expect(await storage.read(familyOf(prefix)), prefix).toMatchObject([{ clientId: "new.example.org" }]);
  }
  expect(await storage.hardware.read("AuditHardwareOnHost")).toMatchObject([{ hostId: "new.example.org" }]);
});

test("what a storage refuses at the last moment is not done, and not tried again", async () => {
  await killedBefore(
    "file",
    `await storage.write(familyOf("host"), [object("OpsiDepotserver", { id: "${pc1}" })], "insert");`,
  );
  await using storage = await site.open();
  expect(await storage.read(hosts, { filter: { id: pc1 } })).toMatchObject([{ type: "OpsiClient" }]);
  expect(site.problems).toEqual([expect.stringContaining("'file' does not take a change that was interrupted")]);
  expect(existsSync(join(site.folder, "storages.journal"))).toBe(false);
});

test("many objects, more than are kept in memory, are all there", async () => {
  await killedBefore(
    "sqlite",
    `await storage.transaction(async (store) => {
      for (let part = 0; part < 8; part++) {
        const ids = Array.from({ length: 1000 }, (_, number) => ({ type: "AuditSoftware", name: "s" + part + "-" + number, version: "", subVersion: "", language: "", architecture: "" }));
        await store.write(familyOf("auditSoftware"), ids, "insert");
      }
      await store.write(familyOf("host"), [client("pc3.example.org")], "insert");
    });`,
  );
  await using storage = await site.open();
  expect(await storage.count(familyOf("auditSoftware"))).toBe(8001);
});

test("a storage that fails when the other one has committed catches up at once, or before the next change", async () => {
  let failures = 0;
  await using storage = await site.openBetween((name, one) =>
    beforeCommit(one, () => {
      if (name === "sqlite" && failures-- > 0) throw new OpsiError("BackendTemporaryError", "gone");
    }),
  );
  const add = (id: string) => storage.write(hosts, [client(id)], "insert");
  const use = (clientId: string) =>
    storage.write(
      familyOf("auditSoftwareOnClient"),
      [object("AuditSoftwareOnClient", { ...software, clientId })],
      "insert",
    );
  failures = 1;
  await add("pc3.example.org");
  await use("pc3.example.org");
  failures = 2;
  const refusal = await add("pc4.example.org").catch((error: unknown) => error);
  expect(refusal).toMatchObject({ class: "BackendTemporaryError" });
  expect(String(refusal)).toContain("The change is stored, but not in 'sqlite' yet");
  await use("pc4.example.org");
  expect(await storage.count(familyOf("auditSoftwareOnClient"))).toBe(3);
  expect(existsSync(join(site.folder, "storages.journal"))).toBe(false);
});

test("hardware that is found while a storage has to catch up is not removed with what was there before", async () => {
  let failures = 0;
  await using storage = await site.openBetween((name, one) =>
    beforeCommit(one, () => {
      if (name === "sqlite" && failures-- > 0) throw new OpsiError("BackendTemporaryError", "gone");
    }),
  );
  failures = 2;
  const removing = storage.transaction(async (store) => {
    await store.write(hosts, [client(pc1, { notes: "new board" })], "update");
    await store.hardware.removeOfHosts([pc1]);
  });
  await expect(removing).rejects.toThrow("The change is stored, but not in 'sqlite' yet");
  const piece = { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: pc1, name: "new" };
  await storage.hardware.write("AuditHardwareOnHost", [piece], "insert");
  await storage.write(hosts, [client(pc2, { notes: "next" })], "merge");
  expect(await storage.hardware.read("AuditHardwareOnHost")).toMatchObject([{ name: "new" }]);
});
