import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { FileStorage } from "../backends/file/file-storage.ts";
import type { StorageSite } from "../backends/open-storage.ts";
import { sqlite } from "../backends/sql/dialect.ts";
import { isEmpty } from "./is-empty.ts";
import type { Location } from "./location.ts";
import { moveAside, takePlace } from "./move-aside.ts";

/**
 * The files of 4.2. A conversion writes another tree beside it, which takes its place when it is complete.
 *
 * @param given another folder than that of the site; the host keys are in the file `pckeys` in it
 */
export function fileLocation(site: StorageSite, given?: string): Location {
  const folder = given ?? join(site.state, "config");
  const hostKeys = given === undefined ? site.hostKeys : join(given, "pckeys");
  const unfinished = { folder: `${folder}.converting`, hostKeys: `${hostKeys}.converting` };
  if (given !== undefined) unfinished.hostKeys = join(unfinished.folder, "pckeys");
  const open = (place: { folder: string; hostKeys: string }) =>
    FileStorage.open(place.folder, {
      configserverId: site.serverId,
      hostKeys: place.hostKeys,
      hardware: site.hardware,
      onProblem: ({ path, line, message }) => site.onProblem(`${path}, line ${line}: ${message}`),
    });
  return {
    backend: "file",
    name: `file:${folder}`,
    capacity: { dialect: sqlite, foldsAccents: false, configserverId: site.serverId },
    usedBy: async () => null, // the original's programs open files only while they read or write them
    async holdsObjects() {
      return existsSync(folder) && !(await isEmpty(open({ folder, hostKeys })));
    },
    async openSource(opened) {
      if (!existsSync(folder)) throw new OpsiError("BackendMissingDataError", `There is no folder ${folder}`);
      return opened.use(await open({ folder, hostKeys }));
    },
    openTarget() {
      mkdirSync(dirname(folder), { recursive: true });
      return open(unfinished);
    },
    async clearTarget() {
      rmSync(unfinished.folder, { recursive: true, force: true });
      rmSync(unfinished.hostKeys, { force: true });
    },
    async settle() {
      if (!existsSync(unfinished.folder)) return null;
      if (given === undefined && existsSync(unfinished.hostKeys)) takePlace(unfinished.hostKeys, hostKeys);
      const former = moveAside(folder);
      renameSync(unfinished.folder, folder);
      return former;
    },
  };
}
