import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { familyOf } from "@opsi-ts/model";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { TestMariaDb } from "../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { SqliteStorage } from "../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import { migrate as takeOver } from "../../packages/server/src/migrate/migrate.ts";
import { type Corpus, openCorpus } from "../conformance/open-corpus.ts";
import { Program, run } from "../program.ts";
import { startServerProgram } from "../server-program.ts";

const execute = promisify(execFile);
const cliMain = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const serverId = "opsi.schule-am-see.example";
const clientId = "r102-10.schule-am-see.example";
const adminPassword = "correct horse battery";

const opened = new AsyncDisposableStack();
let corpus: Corpus;
let mariaDb: TestMariaDb;
beforeAll(async () => {
  [corpus, mariaDb] = await Promise.all([openCorpus("storage"), TestMariaDb.start()]);
  opened.use(corpus);
  opened.use(mariaDb);
});
afterAll(() => opened.disposeAsync());

const recorded = async (...path: readonly string[]) => {
  const bytes = await readFile(join(corpus.directory, ...path));
  return path.at(-1)?.endsWith(".gz") ? gunzipSync(bytes).toString() : bytes.toString();
};

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migration-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An original installation with these files. */
async function original(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await newFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

/** A database of the original, as its mysql.conf names it. */
async function database(...dump: readonly string[]): Promise<{ readonly name: string; readonly conf: string }> {
  const { address, database: name, username } = mariaDb.newDatabase();
  await mariaDb.execute(name, `SET foreign_key_checks = 0; ${await recorded(...dump)}`);
  const config = { address, database: name, username, password: "" };
  return { name, conf: `# -*- coding: utf-8 -*-\nmodule = "MySQL"\nconfig = ${JSON.stringify(config)}\n` };
}

interface Deed {
  readonly step: string;
  readonly item: string;
  readonly state: string;
  readonly detail: string;
}

async function migrate(...words: readonly string[]): Promise<Deed[]> {
  const { code, stdout, stderr } = await run(process.execPath, [cliMain, "migrate", ...words, "--output", "json"]);
  if (code !== 0) throw new Error(stdout + stderr);
  return JSON.parse(stdout) as Deed[];
}

/** Our server on the root that was migrated to. */
async function serve(root: string) {
  const port = await freePort();
  const server = await startServerProgram({ root, port }, { OPSI_ADMIN_PASSWORD: adminPassword });
  const call = async <T>(user: string, password: string, method: string, ...params: unknown[]): Promise<T> => {
    const asked = request({
      ...{ host: "127.0.0.1", port, path: "/rpc", method: "POST", auth: `${user}:${password}` },
      ...{ rejectUnauthorized: false, agent: false, headers: { "content-type": "application/json" } },
    });
    asked.end(JSON.stringify({ id: 1, method, params }));
    const answer = await new Promise<Parameters<typeof text>[0]>((resolve, reject) => {
      asked.once("response", resolve).once("error", reject);
    });
    const { result, error } = JSON.parse(await text(answer));
    if (error) throw new Error(JSON.stringify(error));
    return result as T;
  };
  return { call, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Hash = Record<string, unknown>;

/** Clients as they were recorded, and as the server shows them; what 4.2 does not know is not compared. */
async function expectClients(found: readonly Hash[], wanted: readonly Hash[]): Promise<void> {
  const clients = (list: readonly Hash[]) =>
    list
      .filter(({ type }) => type === "OpsiClient")
      .map(({ ident: _ident, systemUUID: _uuid, ...rest }) => rest)
      .toSorted((a, b) => String(a["id"]).localeCompare(String(b["id"])));
  expect(clients(wanted).length).toBeGreaterThan(50);
  expect(clients(found)).toEqual(clients(wanted));
}

/** An agent logs in with the key that it has. */
async function expectLogin({ call }: Awaited<ReturnType<typeof serve>>, key: string): Promise<void> {
  const own = await call<Hash[]>(clientId, key, "host_getObjects", [], { id: clientId });
  expect(own).toMatchObject([{ id: clientId, opsiHostKey: key }]);
  await expect(call(clientId, "0".repeat(32), "host_getObjects")).rejects.toThrow();
}

/** What is in a folder, with times. */
async function snapshot(root: string): Promise<string[]> {
  const paths = (await readdir(root, { recursive: true })).sort();
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs, mode } = await lstat(join(root, path));
      return `${path} ${size} ${mtimeMs} ${mode}`;
    }),
  );
}

test("a server with the files of 4.2 is taken over", { timeout: 120_000 }, async () => {
  const from = await original({
    "etc/opsi/opsi.conf": "[groups]\nadmingroup = opsiadmin\n",
    "etc/opsi/global.conf": `[global]\nhostname = ${serverId}\n`,
    "etc/opsi/modules": "customer = x\n",
    "etc/opsi/opsiconfd.conf": "workers = 4\nlog-level-file = 5\nno-such-option = 1\n",
    "etc/opsi/backendManager/dispatch.conf": "backend_.* : file, opsipxeconfd\n.* : file\n",
    "etc/opsi/backendManager/acl.conf": await recorded("config/acl/typical.conf"),
    "etc/opsi/backendManager/extend.d/20_own.conf": "def own(self):\n  pass\n",
    "etc/opsi/backends/file.conf": 'module = "File"\nconfig = {"baseDir": "/var/lib/opsi/config"}\n',
    "data/depot/editor/setup.opsiscript": "[Actions]\n",
    "data/depot/editor/run.sh": "#!/bin/sh\n",
    "var/lib/opsi/repository/editor_1.0-1.opsi": "package",
  });
  await execute("tar", ["xzf", join(corpus.directory, "file-backend/site.tar.gz"), "-C", from]);
  await chmod(join(from, "data/depot/editor/run.sh"), 0o750);
  await symlink("setup.opsiscript", join(from, "data/depot/editor/link"));
  await symlink("/data/depot", join(from, "var/lib/opsi/depot")); // on a disk of its own
  const before = await snapshot(from);
  const root = join(await newFolder(), "root");

  const planned = await migrate("--from", from, "--root", root, "--to", "sqlite", "--dry-run");
  expect(planned.filter(({ state }) => state === "done")).toEqual([]);
  expect(existsSync(root)).toBe(false);

  // Nothing is half there when the power fails: the same command goes on.
  const words = [cliMain, "migrate", "--from", from, "--root", root, "--to", "sqlite"];
  const interrupted = new Program(process.execPath, words);
  while (!existsSync(join(root, "var/lib/opsi/config/clients"))) await new Promise((resolve) => setTimeout(resolve, 5));
  await interrupted.powerOff();
  const deeds = await migrate("--from", from, "--root", root, "--to", "sqlite");
  expect(deeds).toContainEqual(expect.objectContaining({ step: "server", item: serverId }));
  expect(planned.filter(({ state }) => state === "left out").map(({ item }) => item)).toEqual(
    expect.arrayContaining([
      "/etc/opsi/opsiconfd.conf: no-such-option",
      "/etc/opsi/modules",
      "/etc/opsi/backendManager/extend.d/20_own.conf",
    ]),
  );
  expect((await stat(join(root, "var/lib/opsi/depot/editor/run.sh"))).mode & 0o777).toBe(0o750);
  expect(await readFile(join(root, "var/lib/opsi/depot/editor/link"), "utf8")).toBe("[Actions]\n");

  const again = await migrate("--from", from, "--root", root, "--to", "sqlite");
  expect(again.filter(({ state }) => state === "done")).toEqual([]);
  expect(await snapshot(from)).toEqual(before);

  await using server = await serve(root);
  const site = JSON.parse(await recorded("file-backend/site.json.gz")) as Record<string, Hash[]>;
  await expectClients(await server.call("admin", adminPassword, "host_getObjects"), Object.values(site).flat());
  const software = await server.call<Hash[]>("admin", adminPassword, "auditSoftwareOnClient_getObjects");
  expect(software).toHaveLength(site["AuditSoftwareOnClient"]?.length ?? 0);
  const keys = await readFile(join(from, "etc/opsi/pckeys"), "utf8");
  const keyOf = (id: string) => new RegExp(`^${id}:(\\w+)`, "m").exec(keys)?.[1] ?? "";
  await expectLogin(server, keyOf(clientId));
  expect(await readFile(join(root, "etc/opsi/opsi.conf"), "utf8")).toContain(`key = "${keyOf(serverId)}"`);
});

test("a database of 4.2 is converted, and stays as it is", { timeout: 120_000 }, async () => {
  const { name, conf } = await database("mysql-4.2/site.sql.gz");
  const schema = await mariaDb.describe(name);
  const from = await original({
    "etc/opsi/opsi.conf": "[groups]\nadmingroup = opsiadmin\n",
    "etc/opsi/backendManager/dispatch.conf": "backend_.* : mysql, opsipxeconfd\n.* : mysql\n",
    "etc/opsi/backends/mysql.conf": conf,
  });
  const root = join(await newFolder(), "root");
  const deeds = await migrate("--from", from, "--root", root, "--to", "sqlite");
  expect(deeds).toContainEqual(expect.objectContaining({ step: "server", item: serverId, state: "done" }));
  expect(await mariaDb.describe(name)).toEqual(schema);

  await using server = await serve(root);
  const wanted = JSON.parse(await recorded("mysql-4.2/after.json.gz")) as Record<string, Hash[]>;
  const hosts = await server.call<Hash[]>("admin", adminPassword, "host_getObjects");
  await expectClients(hosts, Object.values(wanted).flat());
  const key = String(hosts.find(({ id }) => id === clientId)?.["opsiHostKey"]);
  await expectLogin(server, key);
});

// The original's own migration drops the database, and does not convert inventories.
test("of files and a database that belong together, licences and inventories are taken, too", async () => {
  const { name, conf } = await database("mysql-4.2/site.sql.gz");
  const from = await original({
    "etc/opsi/opsi.conf": "[groups]\nadmingroup = opsiadmin\n",
    "etc/opsi/global.conf": `[global]\nhostname = ${serverId}\n`,
    "etc/opsi/backendManager/dispatch.conf":
      "backend_.* : file, mysql, opsipxeconfd\nlicense.* : mysql\nsoftwareLicense.* : mysql\naudit.* : mysql\n.* : file\n",
    "etc/opsi/backends/file.conf": 'module = "File"\nconfig = {}\n',
    "etc/opsi/backends/mysql.conf": conf,
  });
  await execute("tar", ["xzf", join(corpus.directory, "file-backend/site.tar.gz"), "-C", from]);
  const schema = await mariaDb.describe(name);
  const root = join(await newFolder(), "root");
  await migrate("--from", from, "--root", root, "--to", "sqlite", "--accept-losses");
  expect(await mariaDb.describe(name)).toEqual(schema);
  await using storage = await SqliteStorage.open(join(root, "var/lib/opsi/opsi.sqlite"));
  const database42 = JSON.parse(await recorded("mysql-4.2/after.json.gz")) as Record<string, Hash[]>;
  const files = JSON.parse(await recorded("file-backend/site.json.gz")) as Record<string, Hash[]>;
  const counts = async (...prefixes: readonly string[]) =>
    Promise.all(prefixes.map((prefix) => storage.count(familyOf(prefix))));
  const types = ["LicensePool", "LicenseOnClient", "AuditSoftware"];
  expect(await counts("licensePool", "licenseOnClient", "auditSoftware")).toEqual(
    types.map((type) => database42[type]?.length),
  );
  expect(await storage.hardware.count("AuditHardwareOnHost", {})).toBe(database42["AuditHardwareOnHost"]?.length);
  expect(await counts("productOnClient", "configState")).toEqual(
    ["ProductOnClient", "ConfigState"].map((type) => files[type]?.length),
  );
});

test("a database of 4.3 is used as it is", { timeout: 120_000 }, async () => {
  const { conf } = await database("mysql-4.3/site.sql.gz");
  const from = await original({
    "etc/opsi/opsi.conf": `[host]\nid = "${serverId}"\nserver-role = "configserver"\n`,
    "etc/opsi/backends/mysql.conf": conf,
  });
  const root = join(await newFolder(), "root");
  const deeds = await migrate("--from", from, "--root", root);
  expect(deeds).toContainEqual(
    expect.objectContaining({ step: "objects", state: "there", detail: expect.stringContaining("used as it is") }),
  );
  await using server = await serve(root);
  const wanted = JSON.parse(await recorded("mysql-4.3/site.json.gz")) as Record<string, Hash[]>;
  await expectClients(await server.call("admin", adminPassword, "host_getObjects"), Object.values(wanted).flat());
});

test("a backup of 4.3 is taken over, with its configuration", { timeout: 120_000 }, async () => {
  const from = join(corpus.directory, "backup/full.msgpack.lz4");
  const root = join(await newFolder(), "root");
  const deeds = await migrate("--from", from, "--root", root);
  expect(deeds).toContainEqual(
    expect.objectContaining({ step: "configuration", item: "/etc/opsi/passwd", state: "done" }),
  );
  expect((await migrate("--from", from, "--root", root)).filter(({ state }) => state === "done")).toEqual([]);
  await using server = await serve(root);
  const wanted = JSON.parse(await recorded("backup/full.json.gz"));
  await expectClients(
    await server.call("admin", adminPassword, "host_getObjects"),
    (wanted.objects?.Host ?? wanted.Host) as Hash[],
  );
});

test("who interrupts the restoring of a backup does not wait for its end", async () => {
  const root = join(await newFolder(), "root");
  const interruption = new AbortController();
  const migration = takeOver({
    ...{ from: join(corpus.directory, "backup/full.msgpack.lz4"), root, to: undefined, hostId: undefined },
    ...{ password: null, acceptLosses: false, workbench: false, logs: false, dryRun: false, note: () => {} },
    report: (report) => {
      if (report.kind === "progress" && report.label === "Restoring") interruption.abort(new Error("enough"));
    },
    signal: interruption.signal,
  });
  await expect(migration).rejects.toThrow("enough");
  expect(existsSync(join(root, "var/lib/opsi/opsi.sqlite"))).toBe(false);
});

test("an archive of 4.2 with a dump is taken over", async () => {
  const from = join(corpus.directory, "backup/classic/classic-mysql.tar.gz");
  const root = await newFolder();
  await expect(migrate("--from", from, "--root", root)).rejects.toThrow("needs a mysql.conf");
  const { address, database: name, username } = mariaDb.newDatabase();
  await mkdir(join(root, "etc/opsi/backends"), { recursive: true });
  const config = JSON.stringify({ address, database: name, username, password: "" });
  await writeFile(join(root, "etc/opsi/backends/mysql.conf"), `config = ${config}\n`);
  expect(await migrate("--from", from, "--root", root)).toContainEqual(
    expect.objectContaining({ step: "objects", state: "done" }),
  );
  await using storage = await SqliteStorage.open(join(root, "var/lib/opsi/opsi.sqlite"));
  expect(await storage.count(familyOf("host"))).toBeGreaterThan(0);
});

test("on the original's own machine, files stay where they are", async () => {
  const options = "workers = 4\nlog-level-file = 5\n";
  const root = await original({
    "etc/opsi/opsi.conf": `[host]\nid = "${serverId}"\n`,
    "etc/opsi/opsiconfd.conf": `${options}no-such-option = 1\n`,
    "etc/opsi/backendManager/dispatch.conf": ".* : file\n",
    "var/lib/opsi/depot/editor/setup.opsiscript": "[Actions]\n",
  });
  await execute("tar", ["xzf", join(corpus.directory, "file-backend/site.tar.gz"), "-C", root]);
  const config = await snapshot(join(root, "var/lib/opsi/config"));
  const deeds = await migrate("--from", root, "--root", root, "--to", "sqlite");
  expect(deeds).toContainEqual(expect.objectContaining({ item: "/var/lib/opsi/depot", state: "there" }));
  expect(await snapshot(join(root, "var/lib/opsi/config"))).toEqual(config);
  expect(await readFile(join(root, "etc/opsi/opsiconfd.conf"), "utf8")).toContain("\nlog-level-file = 5\n");
  expect(await readFile(join(root, "etc/opsi/opsiconfd.conf.bak"), "utf8")).toContain(options);
  await using storage = await SqliteStorage.open(join(root, "var/lib/opsi/opsi.sqlite"));
  expect(await storage.count(familyOf("host"))).toBe(69);
});

test("what is no installation, and a root that serves a site already, is refused", async () => {
  const from = await original({ "etc/opsi/opsi.conf": `[host]\nid = "${serverId}"\n` });
  const root = await newFolder();
  await expect(migrate("--from", root, "--root", join(root, "new"))).rejects.toThrow("is no root folder of opsi");
  await cp(from, root, { recursive: true });
  await expect(migrate("--from", from, "--root", root)).rejects.toThrow("There is a site below");
});
