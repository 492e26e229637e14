import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isAlive } from "./is-alive.ts";

const prefix = "opsi-ts-index-";

/** A folder that only this user can read, for the index of one process. It holds nothing that is not in the files. */
export async function makeIndexFolder(): Promise<string> {
  await removeLeftOnes();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  ours.add(basename(folder));
  return folder;
}

/** Names of the folders of this run. */
const ours = new Set<string>();

/** What killed processes have left: host keys among other things. */
async function removeLeftOnes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : 0;
    if (pid > 0 && !ours.has(name) && !isAlive(pid))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}
