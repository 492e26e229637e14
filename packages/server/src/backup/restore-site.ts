import { familyOf, type HardwareTypes, OpsiError } from "@opsi-ts/model";
import type { ObjectStore, Storage } from "../backends/storage.ts";
import { renameDepot } from "../depot/rename-depot.ts";
import { type CheckedObjects, checkObjects } from "./checked-objects.ts";
import type { BackupDocument } from "./document.ts";
import { replaceObjects } from "./site-objects.ts";

export interface RestoreOptions {
  readonly types: HardwareTypes;
  /** The id that the config server has afterwards; null for the one that it has in the backup. */
  readonly serverId: string | null;
  /** The key that it has afterwards; null for that in the backup. */
  readonly hostKey: string | null;
  /** Objects that the model does not take are left out, and do not stop the restore. */
  readonly skipInvalid?: boolean;
  readonly onWritten?: (count: number) => void;
}

const hosts = familyOf("host");
/** Bad objects that a message names. */
const named = 5;

/**
 * Puts the objects of a backup in the place of those of a site. The whole backup is looked at first; then everything
 * happens in one transaction, so that whatever goes wrong or is interrupted leaves the site as it was.
 *
 * @returns what was restored
 * @throws ValueError for objects that are not valid, and for a backup that does not contain its server; errors of the
 *   storage for objects that refer to others which are not there
 * @see storage 7.6
 */
export async function restoreSite(
  storage: Storage,
  { meta, objects }: Pick<BackupDocument, "objects"> & { readonly meta: Pick<BackupDocument["meta"], "server_id"> },
  { types, serverId, hostKey, skipInvalid = false, onWritten }: RestoreOptions,
): Promise<CheckedObjects> {
  const checked = await checkObjects(types, objects);
  if (checked.invalid.length > 0 && !skipInvalid) throw notValid(checked.invalid);
  const from = meta.server_id;
  if (!checked.objects.get("Host")?.some(({ id }) => id === from)) {
    throw new OpsiError("ValueError", `The backup says that it is of '${from}', and does not contain this server`);
  }
  const to = serverId ?? from;
  await storage.transaction(async (store) => {
    await replaceObjects(store, checked.objects, onWritten);
    if (to !== from) await renameDepot(store, from, to);
    if (hostKey !== null) await setKey(store, to, hostKey);
  });
  return checked;
}

function notValid(invalid: readonly string[]): OpsiError {
  const [count, examples] = [invalid.length, invalid.slice(0, named).join("; ")];
  const what = count === 1 ? "An object of the backup is" : `${count} objects of the backup are`;
  return new OpsiError("ValueError", `${what} not valid: ${examples}${count > named ? "; …" : ""}`);
}

async function setKey(store: ObjectStore, id: string, opsiHostKey: string): Promise<void> {
  const [server] = await store.read(hosts, { filter: { id } });
  if (server) await store.write(hosts, [{ ...server, opsiHostKey }], "update");
}
