import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { hosts } from "../methods/families.ts";
import { type Check, error, type Finding, ok } from "./check.ts";

/** Attributes of depots and the only values with which packages work. (service 8.6) */
const standardUrls = {
  depotLocalUrl: "file:///var/lib/opsi/depot",
  workbenchLocalUrl: "file:///var/lib/opsi/workbench",
  repositoryLocalUrl: "file:///var/lib/opsi/repository",
} as const;

export const depotFolders: Check = {
  id: "depotservers",
  name: "Depots",
  description: "Folders of this depot, and where the depots of the site say that theirs are.",
  documentation: "Create a missing folder, correct rights with 'setRights', URLs with 'host_updateObjects'.",
  async run({ site, storage }) {
    const { depot, workbench, repository } = site.folders;
    const findings: Record<string, Finding> = {
      depot_path: await folder(depot),
      workbench_path: await folder(workbench),
      repository_path: await folder(repository),
    };
    for (const server of await storage.read(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] } })) {
      for (const [attribute, url] of Object.entries(standardUrls)) {
        const given = String(server[attribute] ?? "").replace(/\/+$/, "");
        if (given === url) continue;
        findings[`${server["id"]}:${attribute}`] = error(
          `${attribute} of ${server["id"]} is '${given}', not '${url}'.`,
        );
      }
    }
    return findings;
  },
};

async function folder(path: string): Promise<Finding> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return error(`'${path}' is missing or no folder.`);
  const mode = constants.R_OK | constants.W_OK | constants.X_OK;
  const usable = await access(path, mode).then(
    () => true,
    () => false,
  );
  return usable ? ok(`'${path}' can be read and written.`) : error(`The service may not write to '${path}'.`);
}
