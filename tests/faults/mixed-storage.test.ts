import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { familyOf } from "@opsi-ts/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MySqlStorage } from "../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { FaultSite } from "./fault-site.ts";

/* Inventory and licences in MySQL, the rest in files: dispatch.conf as 4.2 was shipped. (storage 2.4) */
const dispatch = `backend_.*         : file, mysql, opsipxeconfd
host_.*            : file, opsipxeconfd
productOnClient_.* : file, opsipxeconfd
configState_.*     : file, opsipxeconfd
license.*          : mysql
softwareLicense.*  : mysql
audit.*            : mysql
.*                 : file
`;

const root = mkdtempSync(join(tmpdir(), "mixed-storage-"));
const pc1 = "pc1.corpus.test";
let mariaDb: TestMariaDb;
let database: MySqlStorage;
let site: FaultSite;

beforeAll(async () => {
  mariaDb = await TestMariaDb.start();
  const settings = mariaDb.newDatabase();
  for (const folder of ["backendManager", "backends"]) mkdirSync(join(root, "etc/opsi", folder), { recursive: true });
  writeFileSync(join(root, "etc/opsi/backendManager/dispatch.conf"), dispatch);
  const { address, database: name, username, password } = settings;
  const config = JSON.stringify({ address, database: name, username, password });
  writeFileSync(join(root, "etc/opsi/backends/mysql.conf"), `module = 'MySQL'\nconfig = ${config}\n`);
  site = await FaultSite.start({ root });
  database = await MySqlStorage.open(settings, undefined, undefined, "none");
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await mariaDb[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const editor = { name: "editor", version: "1", subVersion: "", language: "", architecture: "x64" };
const clientFile = (id: string) => join(root, "var/lib/opsi/config/clients", `${id}.ini`);

/** What an agent and an administrator do with a new client. */
async function addClient(id: string): Promise<void> {
  await site.must("host_createOpsiClient", id);
  await site.must("auditSoftware_createObjects", [{ type: "AuditSoftware", ...editor }]);
  await site.must("auditSoftwareOnClient_createObjects", [{ type: "AuditSoftwareOnClient", ...editor, clientId: id }]);
  await site.must("auditHardwareOnHost_createObjects", [
    { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: id, name: "B" },
  ]);
}

const prefixes = ["productOnClient", "auditSoftwareOnClient", "auditHardwareOnHost", "licenseOnClient", "configState"];
const attribute = (prefix: string) =>
  ({ auditHardwareOnHost: "hostId", configState: "objectId" })[prefix] ?? "clientId";
const ofClient = (id: string) =>
  Promise.all(
    prefixes.map(async (prefix) => {
      const found = await site.must(`${prefix}_getObjects`, [], { [attribute(prefix)]: id });
      return (found as unknown[]).length;
    }),
  );

test("a client lives in files and in MySQL, and leaves both", async () => {
  await addClient(pc1);
  const create = (prefix: string, type: string, hash: Record<string, unknown>) =>
    site.must(`${prefix}_createObjects`, [{ type, ...hash }]);
  await create("product", "LocalbootProduct", { id: "p", name: "P", productVersion: "1", packageVersion: "1" });
  await create("productOnClient", "ProductOnClient", {
    productId: "p",
    productType: "LocalbootProduct",
    clientId: pc1,
  });
  await create("config", "UnicodeConfig", { id: "color", possibleValues: ["red"] });
  await create("configState", "ConfigState", { configId: "color", objectId: pc1, values: ["red"] });
  await create("licenseContract", "LicenseContract", { id: "contract" });
  await create("softwareLicense", "RetailSoftwareLicense", { id: "license", licenseContractId: "contract" });
  await create("licensePool", "LicensePool", { id: "pool" });
  const assignment = { softwareLicenseId: "license", licensePoolId: "pool" };
  await create("softwareLicenseToLicensePool", "SoftwareLicenseToLicensePool", assignment);
  await create("licenseOnClient", "LicenseOnClient", { ...assignment, clientId: pc1 });
  expect(await ofClient(pc1)).toEqual([1, 1, 1, 1, 1]);
  expect(existsSync(clientFile(pc1))).toBe(true);
  expect(await database.read(familyOf("auditSoftwareOnClient"))).toMatchObject([{ clientId: pc1 }]);
  // MySQL knows that there are hosts, and nothing else of them.
  expect(await database.read(familyOf("host"), { filter: { id: pc1 } })).toMatchObject([
    { id: pc1, opsiHostKey: null, description: null },
  ]);

  await site.kill();
  await site.run();
  expect(await ofClient(pc1)).toEqual([1, 1, 1, 1, 1]);

  await site.must("host_renameOpsiClient", pc1, "pc2.corpus.test");
  expect(await ofClient(pc1)).toEqual([0, 0, 0, 0, 0]);
  expect(await ofClient("pc2.corpus.test")).toEqual([1, 1, 1, 1, 1]);

  await site.must("host_delete", "pc2.corpus.test");
  expect(await ofClient("pc2.corpus.test")).toEqual([0, 0, 0, 0, 0]);
  expect(existsSync(clientFile("pc2.corpus.test"))).toBe(false);
  expect(await database.count(familyOf("auditSoftwareOnClient"))).toBe(0);
  expect(await database.hardware.count("AuditHardwareOnHost", {})).toBe(0);
  expect(await database.readIdents(familyOf("host"))).toEqual([{ id: "server.corpus.test" }]);
});

test("killed while clients come and go: what one storage has of a client, the other one has, too", async () => {
  for (let round = 0; round < 3; round++) {
    let isOver = false;
    let done = 0;
    const work = async (number: number) => {
      for (let count = 0; !isOver; count++) {
        const id = `r${round}-${number}-${count}.corpus.test`;
        await addClient(id);
        if (count % 2 === 0) await site.must("host_delete", id);
        done++;
      }
    };
    const workers = [1, 2, 3].map((number) => work(number).catch(() => {}));
    while (done < 4) await setTimeout(10);
    await setTimeout(20 * round);
    await site.kill();
    isOver = true;
    await Promise.all(workers);
    await site.run();
    const hosts = (await site.must("host_getIdents")) as string[];
    const known = (await database.readIdents(familyOf("host"))).map(({ id }) => id);
    expect(known.sort()).toEqual(hosts.sort());
    expect(hosts.length).toBeGreaterThan(1);
    expect(existsSync(join(root, "var/lib/opsi/storages.journal"))).toBe(false);
  }
});

test("a line of dispatch.conf that makes no sense stops the server with a word", async () => {
  await site.kill();
  const path = join(root, "etc/opsi/backendManager/dispatch.conf");
  writeFileSync(path, dispatch.replace("audit.*            : mysql", "audit.* : mysq"));
  await expect(site.run()).rejects.toThrow(`Line 7 of ${path}: 'mysq' is no back-end`);
  writeFileSync(path, dispatch);
  await site.run();
});
