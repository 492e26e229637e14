import { defaultRoot } from "./default-root.ts";
import { localHostName } from "./host-name.ts";
import { type Configuration, readConfiguration } from "./read-options.ts";

/**
 * Options of a program of ours from its command line, the environment and the site's files.
 *
 * @throws ConfigurationError
 */
export function ownConfiguration(commandLine: readonly string[]): Configuration {
  const { env: environment } = process;
  return readConfiguration({
    commandLine,
    environment,
    defaultRoot: defaultRoot(),
    hostName: (environment["OPSI_HOSTNAME"] || environment["OPSI_HOST_ID"] || localHostName()).toLowerCase(),
  });
}
