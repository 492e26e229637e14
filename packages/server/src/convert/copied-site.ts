import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mysqlSettings, type StorageSite } from "../backends/open-storage.ts";
import { copyDatabase } from "../backends/sql/mysql/copy-database.ts";
import { isRecord } from "../configuration/is-record.ts";
import { readPythonFile } from "../configuration/read-python-file.ts";

/**
 * The same site with a copy of its database of MySQL: opening several storages as one brings that up to date and cleans
 * it up, and the one that is in use must stay as it is.
 *
 * @param opened removes the copy
 */
export async function withCopiedDatabase(site: StorageSite, opened: AsyncDisposableStack): Promise<StorageSite> {
  const copy = opened.use(await copyDatabase(mysqlSettings(site)));
  const backends = await mkdtemp(join(tmpdir(), "opsi-backends-")); // only we may read it: there are passwords
  opened.defer(() => rm(backends, { recursive: true, force: true }));
  await cp(site.backends, backends, { recursive: true });
  const config = readPythonFile(join(site.backends, "mysql.conf")).get("config");
  const settings = { ...(isRecord(config) ? config : {}), database: copy.settings.database };
  await writeFile(join(backends, "mysql.conf"), `config = ${pythonDict(settings)}\n`, { mode: 0o600 });
  return { ...site, backends };
}

/** Truth values as texts, which mean the same there. */
function pythonDict(values: Readonly<Record<string, unknown>>): string {
  const plain = Object.entries(values).filter(([, value]) => value !== null && typeof value !== "object");
  return JSON.stringify(Object.fromEntries(plain.map(([key, value]) => [key, String(value)])));
}
