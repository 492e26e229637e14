import { AndFilter, type Client, type Entry, EqualityFilter, FilterParser, OrFilter, ResultCodeError } from "ldapts";
import { firstRdnValue } from "./distinguished-name.ts";
import type { LdapSettings } from "./ldap-settings.ts";

/** Groups of one user that are looked at; Active Directory allows about a thousand. */
const mostGroups = 1500;

/**
 * The groups of a user, in small letters. (service 3.4)
 * With `memberOf`: the groups that it names, and those that these are members of, one level deep; the names are in
 * the groups or, with `use_member_of_rdn`, the first parts of the DNs. Without: posixGroups that name the user.
 */
export async function groupNames(
  client: Client,
  settings: LdapSettings,
  user: Entry,
  username: string,
): Promise<Set<string>> {
  const groups = attributeValues(user, "memberOf").slice(0, mostGroups);
  const names = settings.useMemberOfRdn
    ? groups.map(firstRdnValue)
    : groups.length > 0
      ? await namesInGroups(client, settings, groups)
      : await posixGroups(client, settings, user.dn, username);
  return new Set(names.filter((name) => name !== null && name !== "").map((name) => String(name).toLowerCase()));
}

async function namesInGroups(client: Client, { groupFilter }: LdapSettings, groups: readonly string[]) {
  const filter = groupFilter || "(objectclass=group)";
  const attributes = ["sAMAccountName", "memberOf"];
  const names: (string | null)[] = [];
  for (const dn of groups) {
    for (const group of await readEntry(client, dn, filter, attributes)) {
      names.push(attributeValues(group, "sAMAccountName")[0] ?? firstRdnValue(dn));
      names.push(...attributeValues(group, "memberOf").map(firstRdnValue));
    }
  }
  return names;
}

/** The entry itself; none where it is gone, does not fit or the user may not read it. */
export async function readEntry(client: Client, dn: string, filter: string, attributes: string[]): Promise<Entry[]> {
  try {
    return (await client.search(dn, { scope: "base", filter, attributes })).searchEntries;
  } catch (error) {
    const hidden = [32, 50]; // noSuchObject, insufficientAccessRights
    if (error instanceof ResultCodeError && hidden.includes(error.code)) return [];
    throw error;
  }
}

async function posixGroups(client: Client, { base, groupFilter }: LdapSettings, dn: string, username: string) {
  const isMember = new OrFilter({
    filters: [
      new EqualityFilter({ attribute: "member", value: dn }),
      new EqualityFilter({ attribute: "memberUid", value: username }),
    ],
  });
  const isGroup = FilterParser.parseString(groupFilter || "(objectclass=posixGroup)");
  const filter = new AndFilter({ filters: [isGroup, isMember] });
  const { searchEntries } = await client.search(base, { filter, attributes: ["cn"], sizeLimit: mostGroups });
  return searchEntries.map((group) => attributeValues(group, "cn")[0] ?? null);
}

/** The texts of an attribute, however the directory writes its name. */
export function attributeValues(entry: Entry, name: string): string[] {
  const key = Object.keys(entry).find((one) => one.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? [] : entry[key];
  const values: readonly (string | Buffer)[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.filter((one) => typeof one === "string");
}
