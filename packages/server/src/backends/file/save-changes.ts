import { OpsiError } from "@opsi-ts/model";
import { type ChangedContent, changedContent } from "./changed-content.ts";
import { writtenWhole } from "./file-format.ts";
import { lockFiles } from "./file-locks.ts";
import { changeHostKeys } from "./host-keys.ts";
import type { ChangedRow } from "./index-rows.ts";
import { decodeText } from "./ini-text.ts";
import { type PlannedFile, planChanges } from "./planned-changes.ts";
import { type FileState, readState } from "./read-site.ts";
import { replaceFiles } from "./replace-files.ts";
import type { SiteIndex } from "./site-index.ts";
import { type ProductIdent, placeOf, type SiteFile, type SitePaths } from "./site-tree.ts";

/** A file before and after. */
interface Built extends ChangedContent {
  readonly file: SiteFile;
  readonly product: ProductIdent | null;
  readonly before: FileState;
}

/**
 * Brings what was changed in the index into the files, all of it or nothing. Each file is read again under its lock, and
 * only what changed is set: what others have written meanwhile stays.
 *
 * @throws BackendIOError, BackendTemporaryError, BackendBadValueError; the index then is again what the files are
 */
export async function saveChanges(rows: readonly ChangedRow[], index: SiteIndex, paths: SitePaths): Promise<void> {
  const planned = await planChanges(rows, index, paths);
  const keys = changedKeys(planned, index.surroundings.keys);
  const files = planned.map(({ file }) => file);
  if (keys.size > 0) files.push(placeOf(paths, "hostKeys"));
  let built: Built[];
  try {
    built = await writeUnderLock(files, planned, keys, index, paths);
  } catch (error) {
    await index.revert(files).catch(() => {}); // the next round tries it again
    throw error;
  }
  // What a template or somebody else has put there is not in the index yet.
  const toRead = built.filter(
    ({ file, before, fromTemplate }) => fromTemplate || !index.isCurrent(file.path, before.stamp),
  );
  const isRead = new Set(toRead.map(({ file }) => file.path));
  for (const { file, product } of built) if (!isRead.has(file.path)) index.noteWritten(file, product);
  const keysFile = built.filter(({ file }) => file.kind === "hostKeys");
  await index.reload([...toRead, ...keysFile].map(({ file }) => file));
}

async function writeUnderLock(
  files: readonly SiteFile[],
  planned: readonly PlannedFile[],
  keys: ReadonlyMap<string, string | null>,
  index: SiteIndex,
  paths: SitePaths,
): Promise<Built[]> {
  await using _locks = await lockFiles(
    files.map(({ path }) => path),
    "exclusive",
  );
  const built: Built[] = [];
  for (const { file, product, changes } of planned) {
    const before = await readState(file.path);
    if (writtenWhole.has(file.kind) && !index.isCurrent(file.path, before.stamp)) {
      throw new OpsiError("BackendTemporaryError", `${file.path} was changed by another program, try again`);
    }
    built.push({
      file,
      product,
      before,
      ...(await changedContent(before.bytes, file, changes, index.surroundings, paths)),
    });
  }
  if (keys.size > 0) {
    const file = placeOf(paths, "hostKeys");
    const before = await readState(file.path);
    const text = before.bytes ? decodeText(before.bytes, file.path) : "";
    built.push({ file, product: null, before, content: changeHostKeys(text, keys), fromTemplate: false });
  }
  await replaceFiles(
    paths.folder,
    built.filter(isDifferent).map(({ file, content }) => ({ path: file.path, content })),
  );
  return built;
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
