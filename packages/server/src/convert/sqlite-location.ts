import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { OpsiError } from "@opsi-ts/model";
import type { StorageSite } from "../backends/open-storage.ts";
import { sqlite } from "../backends/sql/dialect.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { isEmpty } from "./is-empty.ts";
import type { Location } from "./location.ts";
import { takePlace } from "./move-aside.ts";

/** What SQLite keeps beside its file while it is open. */
const companions = ["-wal", "-shm"];

/**
 * An SQLite file. A conversion writes another one beside it, which takes its place when it is complete.
 *
 * @param path another one than that of the site
 */
export function sqliteLocation(site: StorageSite, path = join(site.state, "opsi.sqlite")): Location {
  const unfinished = `${path}.converting`;
  const open = (file: string) => SqliteStorage.open(file, site.hardware);
  return {
    backend: "sqlite",
    name: `sqlite:${path}`,
    capacity: { dialect: sqlite, foldsAccents: false, configserverId: null },
    async usedBy() {
      return existsSync(path) && isOpenElsewhere(path) ? "another program" : null;
    },
    async holdsObjects() {
      return existsSync(path) && !(await isEmpty(open(path)));
    },
    async openSource(opened) {
      if (!existsSync(path)) throw new OpsiError("BackendMissingDataError", `There is no ${path}`);
      return opened.use(await open(path));
    },
    async openTarget() {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(unfinished, "a", 0o660)); // the keys of all hosts are not for everybody
      return open(unfinished);
    },
    async clearTarget() {
      for (const ending of ["", ...companions]) rmSync(unfinished + ending, { force: true });
    },
    async settle() {
      if (!existsSync(unfinished)) return null;
      withoutCompanions(unfinished);
      if (existsSync(path)) withoutCompanions(path);
      return takePlace(unfinished, path);
    },
  };
}

/** A connection in the mode of the write-ahead log holds a lock on the file as long as it is open. */
function isOpenElsewhere(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK");
    return false;
  } catch (error) {
    if (error instanceof Error && /locked|busy/.test(error.message)) return true;
    throw error;
  } finally {
    database.close();
  }
}

/** Whoever closes a database as the last one takes what is in the log into the file; after a kill nobody has. */
function withoutCompanions(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
