import { execFile } from "node:child_process";
import { lstat, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { applyRights, inWorker, type OwnerIds, type Rights } from "@opsi-ts/opsi-package";

/** Names; unknown ones leave the owner as it is. Null for the user of this process. */
export interface Owner {
  readonly user: string | null;
  readonly group: string;
}

export const depotRights: Rights = { file: 0o660, directory: 0o2770, keepExecutable: true };
export const repositoryRights: Rights = { file: 0o660, directory: 0o2770, keepExecutable: false };

/** Sets modes, and as root the owner, of a file or a whole folder. Symbolic links are not touched. (packages 5.9) */
export async function setRights(path: string, rights: Rights, owner: Owner): Promise<void> {
  const ids = await findIds(owner);
  if ((await lstat(path)).isDirectory()) await inWorker("applyRights", [path, rights, ids]);
  else applyRights(path, rights, ids);
}

async function findIds({ user, group }: Owner): Promise<OwnerIds> {
  if (process.platform === "win32") return { user: -1, group: -1 };
  const isRoot = process.getuid?.() === 0;
  return {
    user: user === null || !isRoot ? -1 : await findId("passwd", user),
    group: await findId("group", group),
  };
}

/** With `getent`, as users and groups may live in a directory service. Starting a program blocks a large server. */
async function findId(database: "passwd" | "group", name: string): Promise<number> {
  try {
    const local = await readFile(`/etc/${database}`, "utf8").catch(() => "");
    const entry = local.split("\n").find((line) => line.startsWith(`${name}:`));
    return idOf(entry ?? (await askDirectory(database, name)));
  } catch {
    return -1; // unknown
  }
}

async function askDirectory(database: "passwd" | "group", name: string): Promise<string> {
  return (await promisify(execFile)("getent", [database, "--", name], { timeout: 10_000 })).stdout;
}

/** `NAME:PASSWORD:ID:...` */
function idOf(entry: string): number {
  const id = Number(entry.split(":")[2] || Number.NaN);
  return Number.isInteger(id) ? id : -1;
}
