import { parseSecurityId, securityIdText } from "./security-id.ts";
import type { Users } from "./users.ts";
import { fromWide, wide, windowsFunction } from "./windows-library.ts";

const lookUpId = windowsFunction<
  (
    system: null,
    id: Buffer,
    name: Buffer,
    nameSize: [number],
    domain: Buffer,
    domainSize: [number],
    kind: [number],
  ) => number
>(
  "advapi32",
  "int LookupAccountSidW(void *system, void *id, void *name, _Inout_ uint32 *nameSize, void *domain, _Inout_ uint32 *domainSize, _Out_ int *kind)",
);
const lookUpName = windowsFunction<
  (
    system: null,
    name: Buffer,
    id: Buffer,
    idSize: [number],
    domain: Buffer,
    domainSize: [number],
    kind: [number],
  ) => number
>(
  "advapi32",
  "int LookupAccountNameW(void *system, void *name, void *id, _Inout_ uint32 *idSize, void *domain, _Inout_ uint32 *domainSize, _Out_ int *kind)",
);

const longest = 512;

/** Domain and name of a security id in its binary form. */
export function accountOf(id: Buffer): { readonly domain: string; readonly name: string } | null {
  const name = Buffer.alloc(longest * 2);
  const domain = Buffer.alloc(longest * 2);
  if (lookUpId(null, id, name, [longest], domain, [longest], [0]) === 0) return null;
  return { domain: fromWide(domain), name: fromWide(name) };
}

export const windowsUsers: Omit<Users, "profiles"> = {
  securityIdOf: (account) => {
    if (account === "") return "";
    const id = Buffer.alloc(68); // the longest that there may be
    const domain = Buffer.alloc(longest * 2);
    return lookUpName(null, wide(account), id, [id.length], domain, [longest], [0]) === 0 ? "" : securityIdText(id);
  },
  nameOf: (text) => {
    const id = parseSecurityId(text);
    return (id === null ? null : accountOf(id))?.name ?? "";
  },
};
