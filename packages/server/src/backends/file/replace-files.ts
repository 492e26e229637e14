import { randomBytes } from "node:crypto";
import { chown, type FileHandle, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { syncFolder } from "@opsi-ts/protocol";
import { isWriting } from "./is-alive.ts";

/** What a file is to hold; null removes it. */
export interface Replacement {
  readonly path: string;
  readonly content: string | null;
}

/** One step of a set of replacements: the finished file and its place, or a file to remove. */
type Step = readonly [unfinished: string | null, path: string];

/** The names tell the process, so that one that starts leaves alone what another one is writing. */
const journalName = /^\.opsi-ts-journal-(\d+)-[0-9a-f]+$/;
const unfinishedName = /\.opsi-ts-(\d+)-[0-9a-f]+$/;
const filesAtOnce = 16;

/**
 * Replaces files so that a crash leaves all old or all new ones: each is written beside its place with the data on
 * the disk, then a journal says that the set is complete, then all are renamed. `recoverFiles` finishes what a crash
 * has interrupted behind the journal, and clears away what it has interrupted before.
 *
 * @param folder where the journal stands
 * @throws BackendIOError if nothing was changed, for a full disk for one
 */
export async function replaceFiles(folder: string, replacements: readonly Replacement[]): Promise<void> {
  const steps: Step[] = [];
  const journal = join(folder, `.opsi-ts-journal-${ownMark()}`);
  try {
    for (let index = 0; index < replacements.length; index += filesAtOnce) {
      const part = replacements.slice(index, index + filesAtOnce);
      const outcomes = await Promise.allSettled(part.map((replacement) => prepare(replacement, steps)));
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    }
    if (steps.length > 1) await writeJournal(journal, steps);
  } catch (error) {
    await rm(journal, { force: true }); // first: what it names must not be looked for again
    for (const [unfinished] of steps) if (unfinished !== null) await rm(unfinished, { force: true });
    throw explained(error);
  }
  try {
    await finish(steps);
  } catch (error) {
    await Promise.all(steps.map(([unfinished]) => unfinished && rm(unfinished, { force: true })));
    throw explained(error);
  } finally {
    if (steps.length > 1) await rm(journal, { force: true });
  }
}

const ownMark = () => `${process.pid}-${randomBytes(6).toString("hex")}`;

const unfinishedPath = (path: string) => join(dirname(path), `.${basename(path)}.opsi-ts-${ownMark()}`);

async function prepare({ path, content }: Replacement, steps: Step[]): Promise<void> {
  if (content === null) {
    steps.push([null, path]);
    return;
  }
  const unfinished = unfinishedPath(path);
  steps.push([unfinished, path]);
  await using file = await open(unfinished, "wx", 0o660);
  await keepRights(file, unfinished, path);
  await file.writeFile(content);
  await file.sync();
}

/** A new file gets the group of its folder; where we may not give files away, ours is as good. (storage 5.1) */
async function keepRights(file: FileHandle, unfinished: string, path: string): Promise<void> {
  const before = await stat(path).catch(() => null);
  const { uid, gid } = before ?? (await stat(dirname(path)));
  await chown(unfinished, uid, gid).catch(() => {});
  await file.chmod(before ? before.mode & 0o7777 : 0o660);
}

async function writeJournal(path: string, steps: readonly Step[]): Promise<void> {
  const unfinished = unfinishedPath(path);
  {
    await using file = await open(unfinished, "w", 0o600);
    await file.writeFile(JSON.stringify(steps));
    await file.sync();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}

async function finish(steps: readonly Step[]): Promise<void> {
  for (const [unfinished, path] of steps) {
    if (unfinished === null) await rm(path, { force: true });
    else await rename(unfinished, path);
  }
  for (const touched of new Set(steps.map(([, path]) => dirname(path)))) await syncFolder(touched);
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const message = error.code === "ENOSPC" ? "The disk is full: nothing was written" : error.message;
  return new OpsiError("BackendIOError", message, { cause: error });
}

/**
 * Finishes or clears away what processes that were killed have left.
 *
 * @param folders all folders in which files are replaced, that with the journals first
 * @param isOurs whether a path is one that `replaceFiles` was ever given: a journal is only a file
 * @throws BackendIOError for a journal that names other files
 */
export async function recoverFiles(folders: readonly string[], isOurs: (path: string) => boolean): Promise<void> {
  const [folder = ""] = folders;
  for (const name of await readdir(folder)) {
    const pid = journalName.exec(name)?.[1];
    const journal = join(folder, name);
    if (pid === undefined || isWriting(Number(pid), journal)) continue;
    const steps = await readJournal(journal, isOurs);
    const left = [];
    for (const step of steps) if (await exists(step[0] ?? step[1])) left.push(step);
    await finish(left);
    await rm(journal, { force: true });
  }
  for (const each of folders) {
    for (const name of await readdir(each).catch(() => [])) {
      const pid = unfinishedName.exec(name)?.[1];
      const path = join(each, name);
      if (pid !== undefined && name.startsWith(".") && !isWriting(Number(pid), path)) await rm(path, { force: true });
    }
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function readJournal(path: string, isOurs: (path: string) => boolean): Promise<Step[]> {
  const steps = parseSteps(await readFile(path, "utf8"));
  if (!steps) throw new OpsiError("BackendIOError", `${path} is no journal`, { field: path });
  const foreign = steps.find((step) => !isOurs(step[1]));
  if (!foreign) return steps;
  throw new OpsiError("BackendIOError", `${path} names a file that is not of this site: ${foreign[1]}`, {
    field: path,
  });
}

function parseSteps(text: string): Step[] | null {
  try {
    const steps: unknown = JSON.parse(text);
    return Array.isArray(steps) && steps.every(isStep) ? steps : null;
  } catch {
    return null;
  }
}

function isStep(step: unknown): step is Step {
  if (!Array.isArray(step) || step.length !== 2) return false;
  const [unfinished, path]: unknown[] = step;
  if (typeof path !== "string") return false;
  if (unfinished === null) return true;
  return typeof unfinished === "string" && dirname(unfinished) === dirname(path) && unfinishedName.test(unfinished);
}
