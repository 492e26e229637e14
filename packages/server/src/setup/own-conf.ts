import { formerServer } from "../backends/former-server.ts";
import { type OpsiConf, readOpsiConf } from "../configuration/opsi-conf.ts";
import type { Configuration } from "../configuration/read-options.ts";

/**
 * opsi.conf of this server. A new one gets what the options say, else what the files of 4.2 say, else the machine's name.
 *
 * @throws ConfigurationError, BackendConfigurationError
 */
export function ownConf({ options, folders, hostName }: Configuration): OpsiConf {
  return readOpsiConf(options.opsiConfig, () => {
    const former = formerServer(folders);
    return {
      hostId: options.hostId || former.hostId || hostName,
      hostKey: options.hostKey || former.hostKey || "",
      serverRole: former.serverRole ?? options.serverRole,
      serviceUrl: former.serviceUrl ?? "https://localhost:4447",
    };
  });
}
