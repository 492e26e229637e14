/** Which half of the registry programs of 32 bits and of 64 bits see. */
export type RegistryView = 32 | 64;

/** Windows' numbers of the types. */
export const registryTypes = {
  none: 0,
  text: 1,
  expandText: 2,
  binary: 3,
  number: 4,
  texts: 7,
  bigNumber: 11,
} as const;

export interface RegistryValue {
  readonly type: number;
  readonly data: Buffer;
}

/**
 * The registry of Windows. Keys are paths that begin with a root such as `HKEY_LOCAL_MACHINE` or `HKLM`; names and keys
 * are byte strings, the name of the default value is empty.
 *
 * Functions that change something throw `WindowsProblem` when the system refuses.
 */
export interface Registry {
  keyExists(key: string, view: RegistryView): boolean;
  /** Also the keys above it, as far as they are missing. */
  createKey(key: string, view: RegistryView): void;
  /** With all that is below; false when there is no such key. */
  deleteKey(key: string, view: RegistryView): boolean;
  /** Names of the keys directly below; `null` when there is no such key. */
  subkeys(key: string, view: RegistryView): string[] | null;
  /** `null` when there is no such key. */
  names(key: string, view: RegistryView): string[] | null;
  read(key: string, name: string, view: RegistryView): RegistryValue | null;
  write(key: string, name: string, value: RegistryValue, view: RegistryView): void;
  /** False when there is no such value. */
  deleteValue(key: string, name: string, view: RegistryView): boolean;
  flush(key: string, view: RegistryView): void;
  /** Puts the content of a saved key in the place of a key. */
  restore(key: string, file: string, view: RegistryView): void;
  copySecurity(from: string, to: string, view: RegistryView): void;
  /** Makes a user's file a key below HKEY_USERS as long as `use` works with it. */
  withHive(file: string, name: string, use: () => void): void;
}

const roots: ReadonlyMap<string, string> = new Map([
  ["HKLM", "HKEY_LOCAL_MACHINE"],
  ["HKCU", "HKEY_CURRENT_USER"],
  ["HKCR", "HKEY_CLASSES_ROOT"],
  ["HKU", "HKEY_USERS"],
  ["HKCC", "HKEY_CURRENT_CONFIG"],
]);
const longNames: ReadonlySet<string> = new Set(roots.values());

/** The root in full and the rest of a key; `null` where no root stands in front. */
export function splitKey(key: string): { readonly root: string; readonly path: string } | null {
  const [first = "", ...path] = key.split("\\").filter((part) => part !== "");
  const name = first.toUpperCase();
  const root = roots.get(name) ?? (longNames.has(name) ? name : null);
  return root === null ? null : { root, path: path.join("\\") };
}
