import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { Change } from "./contents.ts";
import { changeFormat, clientFromTemplate, writtenWhole } from "./file-format.ts";
import { lockFiles } from "./file-locks.ts";
import { hostTypeOf } from "./host-file.ts";
import { changeHostKeys } from "./host-keys.ts";
import type { ChangedRow } from "./index-rows.ts";
import { decodeText } from "./ini-text.ts";
import { type PlannedFile, planChanges } from "./planned-changes.ts";
import { type FileState, readState } from "./read-site.ts";
import { replaceFiles } from "./replace-files.ts";
import type { SiteIndex } from "./site-index.ts";
import { type ProductIdent, placeOf, type SiteFile, type SitePaths } from "./site-tree.ts";

/** A file before and after. */
interface Built {
  readonly file: SiteFile;
  readonly product: ProductIdent | null;
  readonly before: FileState;
  /** Null when the file is removed or was never there. */
  readonly content: string | null;
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
    ({ file, before }) => isNewClient(file, before) || !index.isCurrent(file.path, before.stamp),
  );
  const isRead = new Set(toRead.map(({ file }) => file.path));
  for (const { file, product } of built) if (!isRead.has(file.path)) index.noteWritten(file, product);
  const keysFile = built.filter(({ file }) => file.kind === "hostKeys");
  await index.reload([...toRead, ...keysFile].map(({ file }) => file));
}

const isNewClient = ({ kind }: SiteFile, before: FileState) => kind === "client" && before.bytes === null;

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
    built.push({ file, product, before, content: await contentOf(file, before, changes, index, paths) });
  }
  if (keys.size > 0) {
    const file = placeOf(paths, "hostKeys");
    const before = await readState(file.path);
    const text = before.bytes ? decodeText(before.bytes, file.path) : "";
    built.push({ file, product: null, before, content: changeHostKeys(text, keys) });
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

async function contentOf(
  file: SiteFile,
  before: FileState,
  changes: readonly Change[],
  index: SiteIndex,
  paths: SitePaths,
): Promise<string | null> {
  let { bytes } = before;
  if (writtenWhole.has(file.kind) && !index.isCurrent(file.path, before.stamp)) {
    throw new OpsiError("BackendTemporaryError", `${file.path} was changed by another program, try again`);
  }
  if (bytes === null && changes.every(({ object }) => object === null)) return null;
  if (file.kind === "client" || file.kind === "depot") {
    checkType(file, changes, index.surroundings.configserverId);
    if (bytes === null) {
      checkHost(file, changes);
      if (file.kind === "client") bytes = await template(paths, file.hostId);
    }
  }
  return await changeFormat(bytes, file, changes, index.surroundings);
}

/** Files do not say the type of a host: it follows from the folder and the id. (storage 5.4) */
function checkType({ kind, hostId }: SiteFile, changes: readonly Change[], configserverId: string): void {
  const type = changes.find(({ prefix }) => prefix === "host")?.object?.type;
  if (type === undefined || type === hostTypeOf(kind, hostId, configserverId)) return;
  const reason =
    type === "OpsiConfigserver"
      ? `the only config server is '${configserverId}'`
      : `'${hostId}' is something else there, delete it first`;
  throw new OpsiError("BackendUnaccomplishableError", `The File backend cannot keep this ${type}: ${reason}`, {
    field: "type",
  });
}

/** States stand in the file of their host: without it there is no place for them. (storage 5.4) */
function checkHost({ path }: SiteFile, changes: readonly Change[]): void {
  if (changes.some(({ prefix, object }) => prefix === "host" && object !== null)) return;
  const prefix = changes.find(({ object }) => object !== null)?.prefix ?? "";
  throw new OpsiError("BackendIOError", `${prefix} needs existing file '${path}'`, { field: prefix });
}

async function template({ folder }: SitePaths, hostId: string): Promise<Uint8Array | null> {
  for (const name of [`${hostId}.ini`, "pcproto.ini"]) {
    const path = join(folder, "templates", name);
    const { bytes } = await readState(path);
    if (bytes) return Buffer.from(await clientFromTemplate(bytes, path));
  }
  return null;
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
