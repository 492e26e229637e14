import { existsSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import type { StorageSite } from "../backends/open-storage.ts";
import { HardwareCatalog } from "../configuration/hardware-catalog.ts";
import { ownConfiguration } from "../configuration/own-configuration.ts";
import type { Configuration } from "../configuration/read-options.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";
import { ownConf } from "../setup/own-conf.ts";
import { noteRunning, runningServer } from "../setup/running-server.ts";
import { storagePlaces } from "../setup/storage-places.ts";

/** Options as the service would have them, read for a program that works on the site while the service is stopped. */
export function readSite(root: string | undefined): Configuration {
  return ownConfiguration(root === undefined ? [] : ["--root", root]);
}

/**
 * Has the site for a program that works while the service is stopped, and keeps others like it away.
 *
 * @throws BackendUnaccomplishableError while the service runs, or another such program
 */
export function workOffline(folders: SiteFolders): Disposable {
  const pid = runningServer(folders);
  if (pid === null) return noteRunning(folders);
  throw new OpsiError(
    "BackendUnaccomplishableError",
    `The service of ${folders.root} runs, or a program that works on it (process ${pid}): stop it first, with systemctl stop opsiconfd or kill ${pid}`,
  );
}

/**
 * Where the objects of a site can be.
 *
 * @param onProblem is told what cannot be understood
 * @throws BackendMissingDataError where there is no site; ConfigurationError
 */
export function storageSite(configuration: Configuration, onProblem: (message: string) => void): StorageSite {
  const { options, folders } = configuration;
  if (!existsSync(options.opsiConfig)) {
    const message = `There is no site below ${folders.root}: ${options.opsiConfig} is missing`;
    throw new OpsiError("BackendMissingDataError", message);
  }
  return storagesOf(configuration, ownConf(configuration).hostId, onProblem);
}

/** The same for a server with this id, whose opsi.conf is not looked at. */
export function storagesOf(
  configuration: Configuration,
  serverId: string,
  onProblem: (message: string) => void,
): StorageSite {
  const hardware = HardwareCatalog.read(configuration.folders.configuration).types;
  return storagePlaces(configuration, { serverId, hardware, watch: null, onProblem });
}
