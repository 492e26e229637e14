import type { Storage } from "../backends/storage.ts";
import { countOf, objectTypeNames } from "../backup/object-types.ts";

/** Whether there are no objects at all; closes the storage. */
export async function isEmpty(opening: Promise<Storage>): Promise<boolean> {
  await using storage = await opening;
  for (const name of objectTypeNames) if ((await countOf(storage, name)) > 0) return false;
  return true;
}
