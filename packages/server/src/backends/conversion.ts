import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";

/** How far a conversion of the site's objects is; there is a file of it from its beginning to its end. */
export interface Conversion {
  /** Names of the storages, as people know them; without passwords. */
  readonly from: string;
  readonly to: string;
  /** What was written of each class of objects, in order. */
  readonly written: Readonly<Record<string, { readonly count: number; readonly hash: string }>>;
  /** All of it was read again, and was right. */
  readonly verified: boolean;
}

export const conversionFile = ({ state }: { readonly state: string }) => join(state, "conversion.json");

/** The conversion that is not finished; null without one. */
export function unfinishedConversion(site: { readonly state: string }): Conversion | null {
  const path = conversionFile(site);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Conversion) : null;
}

/**
 * @param name of the storage that is to be opened
 * @param isThere whether it is in its place
 * @throws BackendConfigurationError for a storage into which only a part of the objects was converted
 */
export function refuseHalfConverted(site: { readonly state: string }, name: string, isThere: boolean): void {
  const conversion = unfinishedConversion(site);
  if (conversion?.to !== name || (conversion.verified && isThere)) return;
  throw new OpsiError(
    "BackendConfigurationError",
    `The conversion from ${conversion.from} to ${name} is not finished: repeat its command, or remove ${conversionFile(site)} and what was converted`,
  );
}
