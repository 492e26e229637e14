import { OpsiError } from "@opsi-ts/model";
import { decodeText } from "../../configuration/decode-text.ts";
import type { ObjectStore } from "../storage.ts";
import { Turn } from "../turn.ts";
import { type ChangedContent, changedContent } from "./changed-content.ts";
import { writtenWhole } from "./file-format.ts";
import { lockFiles } from "./file-locks.ts";
import { changeHostKeys } from "./host-keys.ts";
import type { ChangedRow } from "./index-rows.ts";
import { newNotePath } from "./note-files.ts";
import { type PlannedFile, planChanges } from "./planned-changes.ts";
import { type FileState, readState, stampOf } from "./read-site.ts";
import { replaceFiles } from "./replace-files.ts";
import type { SiteIndex } from "./site-index.ts";
import { type ProductIdent, placeOf, type SiteFile, type SitePaths } from "./site-tree.ts";

/** A file that was written. */
export interface SavedFile {
  readonly file: SiteFile;
  readonly product: ProductIdent | null;
  /** Null where it was removed. */
  readonly stamp: string | null;
  /** Whether it holds what is not in the index: what a template said, or what others have written. */
  readonly holdsMore: boolean;
}

interface Built extends ChangedContent {
  readonly file: SiteFile;
  readonly product: ProductIdent | null;
  readonly before: FileState;
}

/**
 * Brings what a transaction has changed in the index into the files, all of it or nothing, before it is committed. Each
 * file is read again under its lock, and only what changed is set: what others have written meanwhile stays.
 *
 * @param store what the transaction sees
 * @param note a text that is kept with the changes until somebody takes it over; null without one
 * @throws BackendIOError, BackendTemporaryError, BackendUnaccomplishableError, BackendBadValueError
 */
export async function saveChanges(
  rows: readonly ChangedRow[],
  store: ObjectStore,
  index: SiteIndex,
  paths: SitePaths,
  note: string | null,
): Promise<SavedFile[]> {
  const planned = await planChanges(rows, store, index, paths);
  const keys = changedKeys(planned, index.surroundings.keys);
  const keysFile = placeOf(paths, "hostKeys");
  const files = [...planned.map(({ file }) => file), ...(keys.size > 0 ? [keysFile] : [])];
  await using _locks = await lockFiles(
    files.map(({ path }) => path),
    "exclusive",
  );
  const built: Built[] = [];
  const turn = new Turn();
  for (const each of planned) {
    built.push(await build(each, index, paths));
    if (turn.isOver) await turn.pass();
  }
  if (keys.size > 0) built.push(await buildKeys(keysFile, keys));
  const replacements = built.filter(isDifferent).map(({ file, content }) => ({ path: file.path, content }));
  if (note !== null) replacements.push({ path: newNotePath(paths.folder), content: note });
  await replaceFiles(paths.folder, replacements);
  return built.map(({ file, product, before, fromTemplate }) => ({
    file,
    product,
    stamp: stampOf(file.path),
    holdsMore: fromTemplate || file.kind === "hostKeys" || !index.isCurrent(file.path, before.stamp),
  }));
}

async function build({ file, product, changes }: PlannedFile, index: SiteIndex, paths: SitePaths): Promise<Built> {
  const before = await readState(file.path);
  if (writtenWhole.has(file.kind) && !index.isCurrent(file.path, before.stamp)) {
    throw new OpsiError("BackendTemporaryError", `${file.path} was changed by another program, try again`);
  }
  return { file, product, before, ...(await changedContent(before.bytes, file, changes, index.surroundings, paths)) };
}

async function buildKeys(file: SiteFile, keys: ReadonlyMap<string, string | null>): Promise<Built> {
  const before = await readState(file.path);
  const text = before.bytes ? decodeText(before.bytes, file.path) : "";
  return { file, product: null, before, content: changeHostKeys(text, keys), fromTemplate: false };
}

function isDifferent({ before, content }: Built): boolean {
  if (content === null) return before.bytes !== null;
  return before.bytes === null || !Buffer.from(content).equals(before.bytes);
}

function changedKeys(planned: readonly PlannedFile[], known: ReadonlyMap<string, string>): Map<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const { prefix, ident, object } of planned.flatMap(({ changes }) => changes)) {
    if (prefix !== "host") continue;
    const hostId = String(ident["id"]);
    const key = typeof object?.["opsiHostKey"] === "string" ? object["opsiHostKey"] : null;
    if (key !== (known.get(hostId) ?? null)) changed.set(hostId, key);
  }
  return changed;
}
