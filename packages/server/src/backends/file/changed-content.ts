import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { Change } from "./contents.ts";
import { changeFormat, clientFromTemplate, type Surroundings } from "./file-format.ts";
import { hostTypeOf } from "./host-file.ts";
import { readState } from "./read-site.ts";
import type { SiteFile, SitePaths } from "./site-tree.ts";

export interface ChangedContent {
  /** Null when the file is removed or was never there. */
  readonly content: string | null;
  /** Whether the file holds what a template said, besides the changes. */
  readonly fromTemplate: boolean;
}

/**
 * What a file is to hold after changes.
 *
 * @param before what it holds, null when it is made
 * @throws BackendIOError, BackendUnaccomplishableError, BackendBadValueError for what the file cannot hold
 */
export async function changedContent(
  before: Uint8Array | null,
  file: SiteFile,
  changes: readonly Change[],
  surroundings: Surroundings,
  paths: SitePaths,
): Promise<ChangedContent> {
  if (before === null && changes.every(({ object }) => object === null)) return { content: null, fromTemplate: false };
  let template: string | null = null;
  if (file.kind === "client" || file.kind === "depot") {
    checkType(file, changes, surroundings.configserverId);
    if (before === null) {
      checkHost(file, changes);
      if (file.kind === "client") template = await readTemplate(paths, file.hostId);
    }
  }
  const bytes = template === null ? before : Buffer.from(template);
  return { content: await changeFormat(bytes, file, changes, surroundings), fromTemplate: Boolean(template?.trim()) };
}

/** Files do not say the type of a host: it follows from the folder and the id. (storage 5.4) */
function checkType({ kind, hostId }: SiteFile, changes: readonly Change[], configserverId: string): void {
  const type = changes.find(({ prefix }) => prefix === "host")?.object?.type;
  if (type === undefined || type === hostTypeOf(kind, hostId, configserverId)) return;
  const reason =
    type === "OpsiConfigserver"
      ? `the only config server is '${configserverId}'`
      : `'${hostId}' is something else there, delete it first`;
  const message = `The File backend cannot keep this ${type}: ${reason}`;
  throw new OpsiError("BackendUnaccomplishableError", message, { field: "type" });
}

/** States stand in the file of their host: without it there is no place for them. (storage 5.4) */
function checkHost({ path }: SiteFile, changes: readonly Change[]): void {
  if (changes.some(({ prefix, object }) => prefix === "host" && object !== null)) return;
  const prefix = changes.find(({ object }) => object !== null)?.prefix ?? "";
  throw new OpsiError("BackendIOError", `${prefix} needs existing file '${path}'`, { field: prefix });
}

/** What a new client starts with: its own template, else the one for all. (storage 5.4) */
async function readTemplate({ folder }: SitePaths, hostId: string): Promise<string | null> {
  for (const name of [`${hostId}.ini`, "pcproto.ini"]) {
    const path = join(folder, "templates", name);
    const { bytes } = await readState(path);
    if (bytes) return await clientFromTemplate(bytes, path);
  }
  return null;
}
