import { OpsiError } from "@opsi-ts/model";
import type { ServiceClient } from "@opsi-ts/protocol";
import type { Context } from "../context.ts";
import type { Depot } from "../selection/clients.ts";

/**
 * The service of a depot. The config server's own is the one we are logged in to; another is reached at its repository
 * address, as the depot itself, since it knows no users. (packages §3.4, §6.3)
 *
 * @throws OpsiError BackendConfigurationError if the depot's object does not say how to reach it
 */
export async function openDepot(context: Context, depot: Depot): Promise<ServiceClient> {
  if (depot.type === "OpsiConfigserver") return context.service();
  const address = /^webdavs?:\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(depot.repositoryRemoteUrl ?? "");
  if (address === null) {
    const url = depot.repositoryRemoteUrl ?? "";
    throw new OpsiError(
      "BackendConfigurationError",
      `Depot '${depot.id}' cannot be reached: its repositoryRemoteUrl is '${url}', not webdavs://HOST:4447/repository`,
    );
  }
  if (depot.opsiHostKey === null || depot.opsiHostKey === "") {
    throw new OpsiError("BackendConfigurationError", `The host key of depot '${depot.id}' is not shown to this user`);
  }
  return context.serviceAt(`https://${address[1]}:${address[2] ?? "4447"}`, depot.id, depot.opsiHostKey);
}

/** Where the repository lies on the depot's disk. */
export function repositoryFolder(depot: Depot): string {
  const url = depot.repositoryLocalUrl ?? "";
  const path = url.startsWith("file://") ? decodeURIComponent(url.slice("file://".length)).replace(/\/+$/, "") : "";
  return path === "" ? "/var/lib/opsi/repository" : path;
}
