import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConnectOptions } from "@opsi-ts/protocol";
import type { GlobalOptions } from "../global-options.ts";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";
import { knownCaFile, storedCaFile } from "./ca-file.ts";
import { readSavedServices, type SavedService, savedServicesFile } from "./saved-services.ts";
import { readSiteOnDisk, requireSiteOnDisk } from "./site-on-disk.ts";

export type ConnectionChoice = Pick<ConnectOptions, "url" | "username" | "password" | "verify" | "caFile" | "totp">;

/** Asks for what was not given; null where nobody can be asked. */
export type Ask = (question: string, secret: boolean) => Promise<string>;

/**
 * Which service, as whom, trusted how. For each value the first that says something counts: command line, environment,
 * saved service, the files of the site on this machine; a missing user or password is asked. (packages §6.1)
 *
 * @throws UsageError with what to do
 */
export async function chooseService(
  options: GlobalOptions,
  surroundings: Surroundings,
  ask: Ask | null,
): Promise<ConnectionChoice> {
  const { environment } = surroundings;
  const saved = await chosenSavedService(options, surroundings);
  const site =
    options.root !== undefined
      ? await requireSiteOnDisk(resolve(surroundings.folder, options.root))
      : saved === null
        ? ((await readSiteOnDisk(checkoutSite)) ?? (await readSiteOnDisk("/")))
        : null;
  const url = saved?.url ?? site?.url;
  if (url === undefined) {
    throw new UsageError("No service: give --service URL, set OPSI_SERVICE or save one with 'opsi config service add'");
  }
  const username = options.username ?? environment["OPSI_USERNAME"] ?? saved?.username;
  const given = (await typedPassword(options, surroundings)) ?? nonEmpty(environment["OPSI_PASSWORD"]);
  const totp = async () => (options.totp ? { totp: await (ask ?? refuse)("One-time code:", true) } : {});
  const trust = trustOptions(options, surroundings, url, saved?.caFile ?? site?.caFile);
  if (username === undefined && given === undefined && site !== null && site.hostId !== null && site.hostKey !== null) {
    return { url, username: site.hostId, password: site.hostKey, ...trust };
  }
  const user = username ?? (await (ask ?? refuse)(`User of ${url}:`, false));
  const own = saved !== null && saved.username === user ? saved.password : undefined;
  const password = given ?? own ?? (await (ask ?? refuse)(`Password of ${user}:`, true));
  return { url, username: user, password, ...trust, ...(await totp()) };
}

/** Where a service that is started from a checkout of the sources keeps its site. */
const checkoutSite = fileURLToPath(new URL("../../../../opsi-data", import.meta.url));

/** Where the saved services are: `--config-file` or the user's own file. */
export function configurationFile(options: GlobalOptions, surroundings: Surroundings): string {
  const { configFile } = options;
  return configFile === undefined ? savedServicesFile(surroundings) : resolve(surroundings.folder, configFile);
}

async function chosenSavedService(options: GlobalOptions, surroundings: Surroundings): Promise<SavedService | null> {
  const wanted = options.service ?? nonEmpty(surroundings.environment["OPSI_SERVICE"]);
  if (wanted === undefined && options.root !== undefined) return null;
  const { services, fallback } = await readSavedServices(configurationFile(options, surroundings));
  const name = wanted ?? fallback ?? undefined;
  if (name === undefined) return null;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (service !== undefined) return service;
  if (wanted === undefined) throw new UsageError(`The default service '${name}' is not among the saved services`);
  if (/^[a-z0-9_-]+$/i.test(name) && name !== "localhost") {
    throw new UsageError(`'${name}' is neither an address nor a saved service (opsi config service list)`);
  }
  return { url: name };
}

/** The password of the command line: that of `--password`, or the first line of `--password-file`. */
export async function typedPassword(options: GlobalOptions, { folder }: Surroundings): Promise<string | undefined> {
  if (options.password !== undefined || options.passwordFile === undefined) return options.password;
  const content = await readFile(resolve(folder, options.passwordFile), "utf8");
  return content.split(/\r?\n/, 1)[0];
}

function trustOptions(
  options: GlobalOptions,
  surroundings: Surroundings,
  url: string,
  caFile: string | undefined,
): Pick<ConnectionChoice, "verify" | "caFile"> {
  const given = options.caFile ?? nonEmpty(surroundings.environment["OPSI_CA_FILE"]);
  const named = given === undefined ? caFile : resolve(surroundings.folder, given);
  if (options.trust) return { verify: "trust-on-first-use", caFile: named ?? storedCaFile(surroundings, url) };
  return { verify: "strict", caFile: named ?? knownCaFile(surroundings, url) };
}

async function refuse(question: string): Promise<never> {
  const missing = question.startsWith("User")
    ? "No user name: give --username or set OPSI_USERNAME"
    : question.startsWith("One-time")
      ? "No one-time code: it is asked only on a terminal; append it to the password"
      : "No password: set OPSI_PASSWORD or give --password-file; it is asked only on a terminal";
  throw new UsageError(missing);
}

const nonEmpty = (value: string | undefined) => (value === "" ? undefined : value);
