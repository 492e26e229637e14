import { join } from "node:path";
import type { StorageSite } from "../backends/open-storage.ts";
import type { Configuration } from "../configuration/read-options.ts";

/**
 * Where a site may have its objects.
 *
 * @param use who opens them, and for what
 */
export function storagePlaces(
  { options, folders }: Configuration,
  use: Pick<StorageSite, "serverId" | "hardware" | "watch" | "onProblem">,
): StorageSite {
  return {
    dispatch: join(folders.backendManager, "dispatch.conf"),
    backends: options.backendConfigDir,
    mysqlUrl: options.mysqlInternalUrl,
    postgresqlUrl: options.postgresqlInternalUrl,
    state: folders.state,
    hostKeys: join(folders.configuration, "pckeys"),
    ...use,
  };
}
