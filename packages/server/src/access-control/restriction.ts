import { type Family, OpsiError } from "@opsi-ts/model";
import type { Session } from "../auth/session.ts";
import type { Filter, Query, Restriction } from "../backends/storage.ts";
import type { AclEntry } from "./acl-file.ts";

/** The attribute with the host that an object belongs to, by method prefix; objects of other types belong to none. */
const owners: Readonly<Record<string, string>> = {
  host: "id",
  productOnClient: "clientId",
  configState: "objectId",
  productPropertyState: "objectId",
  auditSoftwareOnClient: "clientId",
  licenseOnClient: "clientId",
  auditHardwareOnHost: "hostId",
};

/** @throws RuntimeError where a rule says `self` for a type whose objects belong to nobody */
export function ownerAttribute(family: Family): string {
  const owner = owners[family.prefix];
  if (owner === undefined) {
    throw new OpsiError("RuntimeError", `No client id attribute defined for table ${family.base.table}`);
  }
  return owner;
}

/** Whether the caller may touch objects of its own and no others. */
export const onlySelf = (entries: readonly AclEntry[]) => entries.every(({ type }) => type === "self");

const unlimited = ({ allowed, denied }: AclEntry) => allowed.size === 0 && denied.size === 0;

function covers({ allowed, denied }: AclEntry, attribute: string): boolean {
  return (allowed.size === 0 || allowed.has(attribute)) && !denied.has(attribute);
}

/**
 * What the fitting entries let a caller see of a type; undefined means everything.
 *
 * @param hostId the caller's host, null for users
 * @see methods 4.3
 */
export function readRestriction(
  family: Family,
  entries: readonly AclEntry[],
  hostId: string | null,
): Restriction | undefined {
  const foreign = entries.filter(({ type }) => type !== "self");
  if (foreign.some(unlimited)) return undefined;
  const owner = ownerAttribute(family);
  const own = entries.filter(({ type }) => type === "self");
  const attributes = new Set([family.base, ...family.types].flatMap((type) => Object.keys(type.attributes)));
  const hidden = new Set<string>();
  const ownOnly = new Set<string>();
  for (const attribute of attributes) {
    if (foreign.some((entry) => covers(entry, attribute))) continue;
    if (!own.some((entry) => covers(entry, attribute))) hidden.add(attribute);
    else if (foreign.length > 0) ownOnly.add(attribute);
  }
  return { hostId: hostId ?? "", owner, rows: foreign.length === 0 ? "own" : "all", hidden, ownOnly };
}

/**
 * Refuses a filter that could reveal what the caller may not see.
 *
 * @throws OpsiServicePermissionError
 */
export function checkFilter(filter: Filter, entries: readonly AclEntry[]): void {
  if (entries.every(unlimited)) return;
  const allowed = new Set(entries.flatMap((entry) => [...entry.allowed]));
  const denied = new Set(entries.flatMap((entry) => [...entry.denied]));
  for (const [attribute, value] of Object.entries(filter)) {
    if (value === null || value === undefined) continue;
    if ((allowed.size > 0 && !allowed.has(attribute)) || denied.has(attribute)) {
      throw new OpsiError("OpsiServicePermissionError", `No permission for attribute ${attribute}`, {
        field: attribute,
      });
    }
  }
}

/**
 * What clients never see, whatever acl.conf says: with the one they could log in as a user, the others are the keys of
 * all licences of the site. The key of its own licence a client finds in its LicenseOnClient. (objects 8.5)
 */
const secrets: Readonly<Record<string, readonly string[]>> = {
  user: ["otpSecret"],
  softwareLicenseToLicensePool: ["licenseKey"],
};

/**
 * What clients see of their own objects only. The rules that older versions wrote show everybody the passwords with
 * which clients register: with one a client could log in as another one.
 */
const ownSecrets: Readonly<Record<string, readonly string[]>> = { host: ["oneTimePassword"] };

/** What users do not see who only read: with the key of a host they could log in as one that does more. */
const keys: Readonly<Record<string, readonly string[]>> = {
  host: ["opsiHostKey", "oneTimePassword"],
  user: ["otpSecret"],
};

/**
 * @param onlyReads a user who may change nothing
 * @throws OpsiServicePermissionError for a filter on a secret
 */
export function withoutSecrets(
  { prefix }: Family,
  query: Query,
  { hostId, hostType }: Session,
  onlyReads: boolean,
): Query {
  const isClient = hostType === "OpsiClient";
  const always = (isClient ? secrets[prefix] : onlyReads ? keys[prefix] : undefined) ?? [];
  const ofOthers = (isClient ? ownSecrets[prefix] : undefined) ?? [];
  const names = [...always, ...ofOthers];
  if (names.length === 0) return query;
  for (const attribute of names) {
    if ((query.filter?.[attribute] ?? null) === null) continue;
    throw new OpsiError("OpsiServicePermissionError", `No permission for attribute ${attribute}`, { field: attribute });
  }
  const { rows = "all", hidden = [], ownOnly = [] } = query.restriction ?? {};
  return {
    ...query,
    restriction: {
      ...{ hostId: hostId ?? "", owner: owners[prefix] ?? "", rows },
      ...{ hidden: new Set([...hidden, ...always]), ownOnly: new Set([...ownOnly, ...ofOthers]) },
    },
  };
}
