import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { OpsiObject } from "@opsi-ts/model";
import type { ProgramReport } from "@opsi-ts/protocol";
import { sqlite } from "./backends/sql/dialect.ts";
import { readMySqlSettings } from "./backends/sql/mysql/mysql-settings.ts";
import { SqliteStorage } from "./backends/sql/sqlite/sqlite-storage.ts";
import { Turn } from "./backends/turn.ts";
import { type CheckedObjects, checkObjects } from "./backup/checked-objects.ts";
import { readBackup } from "./backup/read-backup.ts";
import { replaceObjects } from "./backup/site-objects.ts";
import { cleanUp } from "./clean-up/clean-up.ts";
import { HardwareCatalog } from "./configuration/hardware-catalog.ts";
import { siteFolders } from "./configuration/site-folders.ts";
import { Fitting } from "./convert/fitting.ts";
import { runReporting } from "./offline/report.ts";

/** Findings of a kind that are told one by one. */
const told = 100;

/** The program behind `opsi backup verify`: reads a backup as a restore does, without a server. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { root: { type: "string", default: "/" }, "password-file": { type: "string" } },
});

await runReporting(async (report) => {
  const { configuration, backends } = siteFolders(values.root);
  const { types } = HardwareCatalog.read(configuration);
  const mysqlConf = join(backends, "mysql.conf");
  report({ kind: "progress", label: "Reading the backup", done: 0, total: null });
  const { document, problems } = await readBackup(resolve(positionals[0] ?? ""), {
    types,
    password: await firstLine(values["password-file"]),
    mysql: existsSync(mysqlConf) ? readMySqlSettings(mysqlConf) : null,
  });
  const checked = await checkObjects(types, document.objects);
  const found = [...problems, ...checked.invalid, ...(await misfits(checked, types))];
  const serverId = document.meta.server_id;
  if (!checked.objects.get("Host")?.some(({ id }) => id === serverId)) {
    found.push(`The backup says that it is of '${serverId}', and does not contain this server`);
  }
  tell(report, found);
  for (const [type, count] of checked.unknown) {
    report({ kind: "note", text: `${count} objects of the unknown type '${type}' are left out` });
  }
  if (found.length === 0) tell(report, await orphans(checked, report));
  const { datetime, opsiconfd_version: version } = document.meta;
  report({ kind: "note", text: `A backup of ${serverId}${datetime ? `, ${datetime} UTC, version ${version}` : ""}` });
  const rows = [...checked.objects].map(([type, { length: objects }]) => ({ type, objects }));
  const files = Object.values(document.config_files).filter(({ content }) => content !== null).length;
  report({
    kind: "result",
    rows: [...rows, { type: "configuration files", objects: files }],
    columns: ["type", "objects"],
    ...(found.length > 0 && { failure: `${found.length} problems: this backup cannot be restored as it is` }),
  });
});

async function firstLine(path: string | undefined): Promise<string | null> {
  return path === undefined ? null : ((await readFile(path, "utf8")).split(/\r?\n/, 1)[0] ?? "");
}

function tell(report: (report: ProgramReport) => void, findings: readonly string[]): void {
  for (const text of findings.slice(0, told)) report({ kind: "note", text });
  if (findings.length > told) report({ kind: "note", text: `… and ${findings.length - told} more` });
}

/** Objects that no database takes: they refer to others that are not there, or are there twice. */
async function misfits({ objects }: CheckedObjects, types: HardwareCatalog["types"]): Promise<string[]> {
  const found: string[] = [];
  const capacity = { dialect: sqlite, foldsAccents: false, configserverId: null };
  const fitting = new Fitting(capacity, types, ({ type, ident, attribute, problem }) => {
    found.push(`${type} '${ident}'${attribute === null ? "" : `, ${attribute}:`} ${problem}`);
  });
  const turn = new Turn();
  for (const [name, object] of inOrder(objects)) {
    if (turn.isOver) await turn.pass();
    fitting.fit(name, object);
  }
  return found;
}

function* inOrder(objects: CheckedObjects["objects"]): Generator<[name: string, object: OpsiObject]> {
  for (const [name, list] of objects) for (const object of list) yield [name, object];
}

/** Restores it into a database that is thrown away, and looks what a start of the service would clean up. */
async function orphans({ objects }: CheckedObjects, report: (report: ProgramReport) => void): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-verify-backup-"));
  try {
    await using storage = await SqliteStorage.open(join(folder, "opsi.sqlite"));
    const total = [...objects.values()].reduce((sum, { length }) => sum + length, 0);
    await storage.transaction((store) =>
      replaceObjects(store, objects, (done) => report({ kind: "progress", label: "Restoring a copy", done, total })),
    );
    const results = await cleanUp(storage, { dryRun: true });
    return results.map(({ description, removed, repaired, examples }) => {
      return `${description}: the service will clean up ${removed + repaired}, like ${examples[0]}`;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
