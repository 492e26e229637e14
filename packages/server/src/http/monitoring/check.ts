import type { OpsiObject } from "@opsi-ts/model";
import { OpsiError, pythonTypeName } from "@opsi-ts/model";
import type { Session } from "../../auth/session.ts";
import { isPlainText } from "../../methods/arguments.ts";
import type { Call } from "../../methods/declare.ts";
import { hosts } from "../../methods/families.ts";

/** States as Nagios counts them. */
export const states = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
export type StateName = keyof typeof states;

export interface CheckResult {
  readonly state: number;
  readonly message: string;
}

/** What a plug-in sent along; further members are ignored. */
export type CheckParameters = Readonly<Record<string, unknown>>;

/**
 * @param call with the server's own rights: who monitors sees what is wrong, whatever acl.conf says (monitoring 6.1)
 * @param caller whoever asks
 */
export type Check = (call: Call, parameters: CheckParameters, caller: Session) => Promise<CheckResult>;

export const result = (state: StateName, text: string): CheckResult => ({
  state: states[state],
  message: `${state}: ${text}`,
});

export const worse = (a: StateName, b: StateName): StateName => (states[b] > states[a] ? b : a);

/** A list of names; one alone is a list, too. Nothing given means none. */
export function names(parameters: CheckParameters, name: string): string[] {
  const given = parameters[name];
  if (given === undefined || given === null || given === "") return [];
  const list = Array.isArray(given) ? given : [given];
  const wrong = list.find((value) => typeof value !== "string");
  if (wrong === undefined) return list;
  throw new OpsiError("TypeError", `${name} must be a list of texts, not of ${pythonTypeName(wrong)}`, { field: name });
}

/** Names as values of a filter: those that would be wildcards or comparisons belong to no object. */
export const literally = (list: readonly string[]): string[] => list.filter(isPlainText);

/** The depots that a plug-in asks for: `all` among them, or none, means all. */
export async function wantedDepots(call: Call, parameters: CheckParameters): Promise<string[]> {
  const given = names(parameters, "depotIds");
  return given.length === 0 || given.includes("all") ? allDepots(call) : given;
}

export async function allDepots({ storage }: Call): Promise<string[]> {
  const idents = await storage.readIdents(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] } });
  return idents.map(({ id }) => String(id));
}

/** `1.0-2` */
export const versionOf = ({ productVersion, packageVersion }: OpsiObject): string =>
  `${productVersion}-${packageVersion}`;

/** Something went wrong with the last action, and the product is not gone. */
export const isProblem = ({ installationStatus, actionResult }: OpsiObject): boolean =>
  installationStatus !== "not_installed" && actionResult !== "successful" && actionResult !== "none";
