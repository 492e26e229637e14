import { resolve } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { StorageName } from "../backends/dispatch.ts";
import { chosenStorage, openStorage, type StorageSite } from "../backends/open-storage.ts";
import { sqlite } from "../backends/sql/dialect.ts";
import type { Storage } from "../backends/storage.ts";
import { withCopiedDatabase } from "./copied-site.ts";
import { mysqlLocation, postgresqlLocation } from "./database-location.ts";
import { fileLocation } from "./file-location.ts";
import type { Capacity } from "./fitting.ts";
import { sqliteLocation } from "./sqlite-location.ts";

/** A place where the objects of a site can be. */
export interface Location {
  readonly backend: StorageName;
  /** As people and the state of a conversion know it; without a password. */
  readonly name: string;
  readonly capacity: Capacity;
  /** Who else has it open, null where nobody has. */
  usedBy(): Promise<string | null>;
  /** Whether there are objects. */
  holdsObjects(): Promise<boolean>;
  /**
   * Opens what is there to be read; it is not changed.
   *
   * @param opened closes it
   * @throws BackendMissingDataError where there is nothing
   */
  openSource(opened: AsyncDisposableStack): Promise<Storage>;
  /** Opens what is written, and goes on with what an interrupted conversion has left. */
  openTarget(): Promise<Storage>;
  /** Takes away what an interrupted conversion has left, and what stands in its way. */
  clearTarget(): Promise<void>;
  /** Puts what was written to its place; does nothing when it is there. @returns where the former one is */
  settle(): Promise<string | null>;
}

/** Path or address of a storage. */
const notation = /^(?<kind>sqlite|file|mysql|postgres)(?:\+\w+|ql)?:(?<rest>.+)$/s;

/**
 * Understands what was typed: the name of a storage of the site, `site` for where it has its objects, `sqlite:PATH`, `file:FOLDER`, `mysql://…` or
 * `postgresql://…`.
 *
 * @param folder where relative paths begin
 * @throws ValueError for anything else
 */
export function locate(typed: string, site: StorageSite, folder: string): Location {
  const { kind, rest = "" } = notation.exec(typed)?.groups ?? {};
  if (typed === "site") return siteLocation(site);
  if (kind === "sqlite") return sqliteLocation(site, resolve(folder, rest));
  if (kind === "file") return fileLocation(site, resolve(folder, rest));
  if (kind === "mysql") return mysqlLocation(site, typed);
  if (kind === "postgres") return postgresqlLocation(site, typed);
  switch (typed) {
    case "sqlite":
      return sqliteLocation(site);
    case "file":
      return fileLocation(site);
    case "mysql":
      return mysqlLocation(site);
    case "postgresql":
      return postgresqlLocation(site);
    default:
      throw new OpsiError(
        "ValueError",
        `'${typed}' is no storage: site, sqlite, mysql, postgresql, file, sqlite:PATH, file:FOLDER or an address like mysql://USER:PASSWORD@HOST/DATABASE was expected`,
      );
  }
}

/** Where a site has its objects now. What dispatch.conf sends to several storages is read together. */
function siteLocation(site: StorageSite): Location {
  const chosen = chosenStorage(site);
  if (typeof chosen === "string") return locate(chosen, site, "/");
  const usesMysql = [...chosen.values()].some((places) => places.includes("mysql"));
  const notATarget = () => {
    throw new Error("Several storages are no target");
  };
  return {
    backend: "file",
    name: `site:${site.state}`,
    capacity: { dialect: sqlite, foldsAccents: false, configserverId: null },
    usedBy: async () => (usesMysql ? mysqlLocation(site).usedBy() : null),
    holdsObjects: notATarget,
    async openSource(opened) {
      return opened.use(await openStorage(usesMysql ? await withCopiedDatabase(site, opened) : site));
    },
    openTarget: notATarget,
    clearTarget: notATarget,
    settle: notATarget,
  };
}
