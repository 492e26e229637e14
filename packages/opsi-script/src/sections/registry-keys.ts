import type { Registry } from "../platform/registry.ts";
import { splitKey } from "../platform/registry.ts";
import type { Users } from "../platform/users.ts";
import type { Context } from "../run/context.ts";

/** The key below HKEY_USERS as which the file of somebody is loaded who is not there. */
const temporary = "PatchNTUserdatTempUser";

/** What a key of a section means; `null` when it means nothing there. */
export type KeyMap = (key: string) => string | null;

/** Keys of the machine; the user's own ones are those of the user whom the script runs for (sections §8). */
export function machineKeys({ settings, platform }: Context, baseKey: string, userContext: boolean): KeyMap {
  const ours = settings.loginScript || userContext;
  const securityId = ours ? (platform.users?.securityIdOf(settings.userContext) ?? "") : "";
  return (key) => {
    const known = splitKey(key);
    if (known === null) return baseKey === "" ? null : `${baseKey}\\${key}`;
    if (known.root !== "HKEY_CURRENT_USER" || securityId === "") return key;
    return `HKEY_USERS\\${securityId}\\${known.path}`;
  };
}

/** Keys relative to a user's part; the roots that mean the user are cut off. */
const hiveKeys =
  (hive: string): KeyMap =>
  (key) => {
    const known = splitKey(key);
    if (known === null) return `HKEY_USERS\\${hive}\\${key}`;
    const isOfUsers = known.root === "HKEY_CURRENT_USER" || known.root === "HKEY_USERS";
    return isOfUsers ? `HKEY_USERS\\${hive}\\${known.path}` : null;
  };

/** Works in a user's file: it becomes a key for that time. */
export const inHive = (registry: Registry, file: string, use: (keys: KeyMap) => void): void =>
  registry.withHive(file, temporary, () => use(hiveKeys(temporary)));

/** Works in the part of each user, one after the other: of those who are logged in the system has it open already. */
export function inEveryHive(
  registry: Registry,
  users: Users,
  classes: boolean,
  use: (keys: KeyMap, user: string) => void,
  failed: (error: unknown) => void,
): void {
  for (const { securityId, folder } of users.profiles()) {
    const open = classes ? `${securityId}_Classes` : securityId;
    if (securityId !== "" && registry.keyExists(`HKEY_USERS\\${open}`, 64)) {
      use(hiveKeys(open), folder);
      continue;
    }
    const file = `${folder}\\${classes ? "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat" : "NTUSER.DAT"}`;
    try {
      inHive(registry, file, (keys) => use(keys, folder));
    } catch (error) {
      failed(error); // the others have theirs all the same
    }
  }
}
