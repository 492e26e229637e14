import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "opsi-ts-index-";

/** A folder that only this user can read, for the index of one process. It holds nothing that is not in the files. */
export async function makeIndexFolder(): Promise<string> {
  await removeLeftOnes();
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** What killed processes have left: host keys among other things. */
async function removeLeftOnes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : 0;
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
