import { existsSync } from "node:fs";
import type { OpsiConf } from "../configuration/opsi-conf.ts";
import type { Configuration } from "../configuration/read-options.ts";
import { createSiteFolders } from "../configuration/site-folders.ts";
import { ownConf } from "../setup/own-conf.ts";
import { accounts } from "./accounts.ts";
import { shares } from "./samba-shares.ts";
import { unit } from "./service-unit.ts";
import { rights } from "./site-rights.ts";
import type { Installation, Outcome, Step } from "./step.ts";

/** In this order: permissions name users, and the unit is for a site that is ready. */
const stepsOfRoot: readonly Step[] = [accounts, rights, unit, shares];
const forRoot = "only root may do that";

/** Prepares the machine for the service; what is in order already stays as it is. (service 8.2) */
export async function* setUp(
  configuration: Configuration,
  service: Pick<Installation, "serviceUser" | "command">,
  isRoot: boolean,
): AsyncGenerator<Outcome> {
  const what = `folders and opsi.conf below ${configuration.folders.root}`;
  const isNew = !existsSync(configuration.options.opsiConfig);
  const conf = prepareSite(configuration, isRoot);
  if (conf === null) yield { state: "left out", what, why: forRoot };
  else yield { state: isNew ? "done" : "already", what };
  for (const step of stepsOfRoot) {
    if (conf === null || !isRoot) yield { state: "left out", what: step.what, why: forRoot };
    else yield* outcomes(step, { configuration, conf, ...service });
  }
}

/** Null where somebody else's rights would be needed. */
function prepareSite(configuration: Configuration, isRoot: boolean): OpsiConf | null {
  try {
    createSiteFolders(configuration.folders);
    return ownConf(configuration);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!isRoot && (code === "EACCES" || code === "EPERM")) return null;
    throw error;
  }
}

/** A step that fails keeps none of the others from being done. */
async function* outcomes(step: Step, installation: Installation): AsyncGenerator<Outcome> {
  try {
    yield* step.run(installation);
  } catch (error) {
    yield { state: "failed", what: step.what, why: error instanceof Error ? error.message : String(error) };
  }
}
