import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";

const fileOf = ({ state }: Pick<SiteFolders, "state">) => join(state, "last-backup");

/** Notes that a backup was made, for the health check; a restart does not forget it. (service 8.5) */
export function noteBackup(folders: Pick<SiteFolders, "state">, time: Date): void {
  writeFileAtomically(fileOf(folders), `${time.toISOString()}\n`);
}

/** When the last backup was made; null if never, or if nobody can tell any more. */
export async function readLastBackup(folders: Pick<SiteFolders, "state">): Promise<Date | null> {
  const text = await readFile(fileOf(folders), "utf8").catch(() => "");
  const time = new Date(text.trim());
  return Number.isNaN(time.getTime()) ? null : time;
}
