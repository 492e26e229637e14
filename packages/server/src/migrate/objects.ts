import { OpsiError } from "@opsi-ts/model";
import { unfinishedConversion } from "../backends/conversion.ts";
import { chosenStorage, mysqlSettings, type StorageSite } from "../backends/open-storage.ts";
import { mysqlServer } from "../backends/sql/mysql/mysql-server.ts";
import { databaseAddress, holdsRows, otherUsers } from "../backends/sql/remote/whole-database.ts";
import type { Configuration } from "../configuration/read-options.ts";
import { type ConversionResult, convertObjects, endConversion } from "../convert/convert-objects.ts";
import { locate } from "../convert/location.ts";
import { type SwitchNote, switchStorage } from "../convert/switch-storage.ts";
import { copyTree } from "./copy-tree.ts";
import type { Migration } from "./deeds.ts";
import { fileSettings } from "./file-settings.ts";

const step = "objects";

/** Storages that a site uses. */
function usedStorages(site: StorageSite): Set<string> {
  const chosen = chosenStorage(site);
  return new Set(typeof chosen === "string" ? [chosen] : [...chosen.values()].flat());
}

/** Copies the files of the File backend to where our server looks for them. (storage 5.1) */
export async function copyFileBackend(migration: Migration, site: StorageSite): Promise<void> {
  if (!usedStorages(site).has("file")) return;
  await copyTree(migration, step, fileSettings(site.backends).baseDir, "var/lib/opsi/config");
}

/** Says that a database is used as it is. */
export async function tellDatabase({ note }: Migration, site: StorageSite): Promise<void> {
  if (!usedStorages(site).has("mysql")) return;
  const settings = mysqlSettings(site);
  const item = databaseAddress(mysqlServer, settings);
  if (!(await holdsRows(mysqlServer, settings))) {
    throw new OpsiError("BackendMissingDataError", `There are no objects in ${item}, which the original names`);
  }
  const users = await otherUsers(mysqlServer, settings);
  const warning = users === null ? "" : `. ${users} has it open: stop the original before our service starts`;
  const detail =
    "is used as it is: the first start of the service cleans it up, and brings one of 4.2 up to date. Make a dump before";
  note({ step, item, state: "there", detail: detail + warning });
}

/**
 * Converts the objects from where the original has them to another storage of the site, which then uses it. A second run
 * finds them there.
 *
 * @returns null where nothing had to be converted
 */
export async function moveObjects(
  migration: Migration,
  configuration: Configuration,
  site: StorageSite,
  { to, acceptLosses, problems }: { readonly to: string; acceptLosses: boolean; readonly problems: readonly string[] },
): Promise<ConversionResult | null> {
  const { report, signal, note } = migration;
  const target = locate(to, site, migration.root);
  const isUsed = usedStorages(site).size === 1 && usedStorages(site).has(target.backend);
  if (isUsed) {
    // A crash between the switch and the end leaves the state of what is in use already.
    const conversion = unfinishedConversion(site);
    if (conversion?.verified === true && conversion.to === target.name) endConversion(site);
    note({ step, item: target.name, state: "there", detail: "the site uses it already" });
    return null;
  }
  const from = locate("site", site, migration.root);
  const given = { from, to: target, site, acceptLosses, problems, report, signal };
  const result = await convertObjects({ ...given, replace: false, anew: false, dryRun: false });
  if (result.comparison.length === 0 || result.comparison.some(({ same }) => !same)) return result;
  const objects = result.comparison.reduce((sum, { converted }) => sum + converted, 0);
  note({
    step,
    item: target.name,
    state: "done",
    detail: `${objects} objects from ${from.name}, read again and compared`,
  });
  tellSwitch(migration, switchStorage(to, target, configuration));
  endConversion(site);
  return result;
}

/** Says how the site was made to use its storage. */
export function tellSwitch({ note }: Migration, notes: readonly SwitchNote[]): void {
  for (const { text, changed } of notes) {
    note({ step, item: "which storage", state: changed ? "done" : "left out", detail: text });
  }
}
