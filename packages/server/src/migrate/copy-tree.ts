import { chmod, lstat, mkdir, opendir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { copyWhole, findOriginal, keepOwner, statsOf } from "./copy-file.ts";
import { type Deed, doneOrPlanned, type Migration } from "./deeds.ts";

interface Tally {
  /** How many there are in the original. */
  readonly total: number;
  files: number;
  copied: number;
  /** Other files of these names are there. */
  readonly different: string[];
  /** Neither files nor folders nor links. */
  readonly strange: string[];
}

/** Files of a tree that are named in a message. */
const named = 5;

/**
 * Copies a folder with all that is in it. An interrupted copy goes on: what is there is complete. Files that are there
 * already stay, also when they differ from the original by now.
 */
export async function copyTree(
  migration: Migration,
  step: Deed["step"],
  place: string,
  targetPlace = place,
): Promise<void> {
  const { from, root, dryRun, note } = migration;
  const target = join(root, targetPlace);
  if (join(from, place) === target) {
    return note({ step, item: `/${place}`, state: "there", detail: "it stays where it is" });
  }
  const source = await findOriginal(from, place);
  if (source === null) {
    return note({ step, item: `/${place}`, state: "left out", detail: "the original has no such folder" });
  }
  const total = await countFiles(source);
  const tally: Tally = { total, files: 0, copied: 0, different: [], strange: [] };
  await copyFolder(migration, source, target, tally, place);
  const { files, copied, different, strange } = tally;
  const details = [
    files === 1 ? "1 file" : `${files} files`,
    ...(copied < files && !dryRun ? [`${files - copied} of them were there`] : []),
  ];
  note({
    step,
    item: `/${place}`,
    state: !dryRun && files > 0 && copied === 0 ? "there" : doneOrPlanned(migration),
    detail: details.join(", "),
  });
  for (const [list, why] of [
    [different, "another file is there, it stays"],
    [strange, "it is no file, folder or link"],
  ] as const) {
    for (const item of list.slice(0, named)) note({ step, item, state: "left out", detail: why });
    if (list.length > named) note({ step, item: `${list.length - named} more`, state: "left out", detail: why });
  }
}

async function copyFolder(migration: Migration, source: string, target: string, tally: Tally, place: string) {
  const { dryRun } = migration;
  if (!dryRun && (await statsOf(target)) === null) {
    const { mode, uid, gid } = await lstat(source);
    await mkdir(target, { recursive: true });
    await chmod(target, mode & 0o7777);
    await keepOwner(target, uid, gid);
  }
  for await (const entry of await opendir(source)) {
    migration.signal.throwIfAborted();
    const [from, to, name] = [join(source, entry.name), join(target, entry.name), `${place}/${entry.name}`];
    if (entry.isDirectory()) await copyFolder(migration, from, to, tally, name);
    else if (entry.isFile()) await takeFile(migration, from, to, tally, `/${name}`);
    else if (entry.isSymbolicLink()) await takeLink(migration, from, to);
    else tally.strange.push(`/${name}`);
  }
}

async function takeFile({ dryRun, report }: Migration, from: string, to: string, tally: Tally, item: string) {
  const { size, mtimeMs } = await lstat(from);
  tally.files++;
  if (!dryRun) {
    const there = await statsOf(to);
    if (there === null) {
      await copyWhole(from, to);
      tally.copied++;
    } else if (there.size !== size || Math.abs(there.mtimeMs - mtimeMs) > 1000) tally.different.push(item);
  }
  report({ kind: "progress", label: "Copying files", done: tally.files, total: tally.total });
}

async function countFiles(folder: string): Promise<number> {
  let files = 0;
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory()) files += await countFiles(join(folder, entry.name));
    else if (entry.isFile()) files++;
  }
  return files;
}

/** As it is: what it leads to is not looked at. */
async function takeLink({ dryRun }: Migration, from: string, to: string): Promise<void> {
  if (!dryRun && (await statsOf(to)) === null) await symlink(await readlink(from), to);
}
