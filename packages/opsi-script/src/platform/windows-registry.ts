import { existsSync } from "node:fs";
import { toText } from "../text/bytes.ts";
import { type Registry, type RegistryValue, type RegistryView, splitKey } from "./registry.ts";
import { fromWide, type Handle, WindowsProblem, wide, windowsFunction } from "./windows-library.ts";
import { withPrivileges } from "./windows-token.ts";

type Out<T> = [T];

const api = {
  open: windowsFunction<(key: Handle, path: Buffer, options: number, access: number, result: Out<Handle>) => number>(
    "advapi32",
    "int RegOpenKeyExW(intptr_t key, void *path, uint32 options, uint32 access, _Out_ intptr_t *result)",
  ),
  create: windowsFunction<
    (
      key: Handle,
      path: Buffer,
      reserved: number,
      kind: null,
      options: number,
      access: number,
      security: null,
      result: Out<Handle>,
      disposition: null,
    ) => number
  >(
    "advapi32",
    "int RegCreateKeyExW(intptr_t key, void *path, uint32 reserved, void *kind, uint32 options, uint32 access, void *security, _Out_ intptr_t *result, void *disposition)",
  ),
  close: windowsFunction<(key: Handle) => number>("advapi32", "int RegCloseKey(intptr_t key)"),
  queryValue: windowsFunction<
    (key: Handle, name: Buffer, reserved: null, type: Out<number>, data: Buffer | null, size: Out<number>) => number
  >(
    "advapi32",
    "int RegQueryValueExW(intptr_t key, void *name, void *reserved, _Out_ uint32 *type, void *data, _Inout_ uint32 *size)",
  ),
  setValue: windowsFunction<
    (key: Handle, name: Buffer, reserved: number, type: number, data: Buffer, size: number) => number
  >("advapi32", "int RegSetValueExW(intptr_t key, void *name, uint32 reserved, uint32 type, void *data, uint32 size)"),
  deleteValue: windowsFunction<(key: Handle, name: Buffer) => number>(
    "advapi32",
    "int RegDeleteValueW(intptr_t key, void *name)",
  ),
  deleteTree: windowsFunction<(key: Handle, path: null) => number>(
    "advapi32",
    "int RegDeleteTreeW(intptr_t key, void *path)",
  ),
  deleteKey: windowsFunction<(key: Handle, path: Buffer, view: number, reserved: number) => number>(
    "advapi32",
    "int RegDeleteKeyExW(intptr_t key, void *path, uint32 view, uint32 reserved)",
  ),
  enumerateKeys: windowsFunction<
    (
      key: Handle,
      index: number,
      name: Buffer,
      size: Out<number>,
      reserved: null,
      kind: null,
      kindSize: null,
      time: null,
    ) => number
  >(
    "advapi32",
    "int RegEnumKeyExW(intptr_t key, uint32 index, void *name, _Inout_ uint32 *size, void *reserved, void *kind, void *kindSize, void *time)",
  ),
  enumerateValues: windowsFunction<
    (
      key: Handle,
      index: number,
      name: Buffer,
      size: Out<number>,
      reserved: null,
      type: null,
      data: null,
      dataSize: null,
    ) => number
  >(
    "advapi32",
    "int RegEnumValueW(intptr_t key, uint32 index, void *name, _Inout_ uint32 *size, void *reserved, void *type, void *data, void *dataSize)",
  ),
  flush: windowsFunction<(key: Handle) => number>("advapi32", "int RegFlushKey(intptr_t key)"),
  load: windowsFunction<(key: Handle, name: Buffer, file: Buffer) => number>(
    "advapi32",
    "int RegLoadKeyW(intptr_t key, void *name, void *file)",
  ),
  unload: windowsFunction<(key: Handle, name: Buffer) => number>(
    "advapi32",
    "int RegUnLoadKeyW(intptr_t key, void *name)",
  ),
  restore: windowsFunction<(key: Handle, file: Buffer, flags: number) => number>(
    "advapi32",
    "int RegRestoreKeyW(intptr_t key, void *file, uint32 flags)",
  ),
  getSecurity: windowsFunction<(key: Handle, parts: number, data: Buffer | null, size: Out<number>) => number>(
    "advapi32",
    "int RegGetKeySecurity(intptr_t key, uint32 parts, void *data, _Inout_ uint32 *size)",
  ),
  setSecurity: windowsFunction<(key: Handle, parts: number, data: Buffer) => number>(
    "advapi32",
    "int RegSetKeySecurity(intptr_t key, uint32 parts, void *data)",
  ),
};

/** Predefined keys are negative numbers: Windows extends their sign to 64 bits. */
const rootHandles: Readonly<Record<string, Handle>> = {
  HKEY_CLASSES_ROOT: 0x80000000 | 0,
  HKEY_CURRENT_USER: 0x80000001 | 0,
  HKEY_LOCAL_MACHINE: 0x80000002 | 0,
  HKEY_USERS: 0x80000003 | 0,
  HKEY_CURRENT_CONFIG: 0x80000005 | 0,
};
const usersRoot = 0x80000003 | 0;

const readAccess = 0x20019;
const writeAccess = 0x20006;
const viewAccess = { 32: 0x200, 64: 0x100 } as const;
const deleteAccess = 0x10000;
const securityAccess = 0x60000; // READ_CONTROL and WRITE_DAC
const accessList = 4; // DACL_SECURITY_INFORMATION
const forceRestore = 8;

const notFound = 2;
const moreData = 234;
/** A key's name has at most 255 characters, a value's 16383. */
const longestName = 16384;

function check(what: string, code: number): void {
  if (code !== 0) throw new WindowsProblem(what, code);
}

function located(key: string): { readonly root: Handle; readonly path: string } {
  const found = splitKey(key);
  const root = found === null ? undefined : rootHandles[found.root];
  if (found === null || root === undefined) throw new WindowsProblem(`${key}: no such root`, notFound);
  return { root, path: found.path };
}

/** `null` when there is no such key; other refusals are errors. */
function withKey<T>(key: string, view: RegistryView, access: number, use: (handle: Handle) => T): T | null {
  const { root, path } = located(key);
  const handle: Out<Handle> = [0];
  const code = api.open(root, wide(path), 0, access | viewAccess[view], handle);
  if (code === notFound) return null;
  check(key, code);
  try {
    return use(handle[0]);
  } finally {
    api.close(handle[0]);
  }
}

/** The key is made where it is missing. */
function withNewKey(key: string, view: RegistryView, use: (handle: Handle) => void): void {
  const { root, path } = located(key);
  const handle: Out<Handle> = [0];
  const access = readAccess | writeAccess | viewAccess[view];
  check(key, api.create(root, wide(path), 0, null, 0, access, null, handle, null));
  try {
    use(handle[0]);
  } finally {
    api.close(handle[0]);
  }
}

/** All names that an enumeration gives, one index after the other. */
function namesOf(enumerate: (index: number, name: Buffer, size: Out<number>) => number): string[] {
  const names: string[] = [];
  const buffer = Buffer.alloc(longestName * 2);
  for (let index = 0; ; index++) {
    if (enumerate(index, buffer, [longestName]) !== 0) return names;
    names.push(fromWide(buffer));
  }
}

function readValue(handle: Handle, name: string): RegistryValue | null {
  const type: Out<number> = [0];
  const size: Out<number> = [0];
  let data = Buffer.alloc(0);
  for (;;) {
    const code = api.queryValue(handle, wide(name), null, type, data.length === 0 ? null : data, size);
    if (code !== 0 && code !== moreData) return null;
    if (code === 0 && size[0] <= data.length) return { type: type[0], data: data.subarray(0, size[0]) };
    data = Buffer.alloc(size[0]); // it may grow between two looks
  }
}

export const windowsRegistry: Registry = {
  keyExists: (key, view) => splitKey(key) !== null && withKey(key, view, readAccess, () => true) === true,

  createKey: (key, view) => withNewKey(key, view, () => {}),

  deleteKey: (key, view) => {
    const { root, path } = located(key);
    if (path === "") throw new WindowsProblem(`${key}: a root cannot be deleted`, 5);
    const content = withKey(key, view, readAccess | writeAccess | deleteAccess, (handle) =>
      check(key, api.deleteTree(handle, null)),
    );
    if (content === null) return false;
    const code = api.deleteKey(root, wide(path), viewAccess[view], 0);
    if (code !== notFound) check(key, code); // some systems remove the key itself with its content
    return true;
  },

  subkeys: (key, view) =>
    withKey(key, view, readAccess, (handle) =>
      namesOf((index, name, size) => api.enumerateKeys(handle, index, name, size, null, null, null, null)),
    ),

  names: (key, view) =>
    withKey(key, view, readAccess, (handle) =>
      namesOf((index, name, size) => api.enumerateValues(handle, index, name, size, null, null, null, null)),
    ),

  read: (key, name, view) => withKey(key, view, readAccess, (handle) => readValue(handle, name)),

  write: (key, name, { type, data }, view) =>
    withNewKey(key, view, (handle) =>
      check(`${key} ${name}`, api.setValue(handle, wide(name), 0, type, data, data.length)),
    ),

  deleteValue: (key, name, view) =>
    withKey(key, view, writeAccess, (handle) => {
      const code = api.deleteValue(handle, wide(name));
      if (code === notFound) return false;
      check(`${key} ${name}`, code);
      return true;
    }) ?? false,

  flush: (key, view) => {
    withKey(key, view, readAccess, (handle) => check(key, api.flush(handle)));
  },

  restore: (key, file, view) =>
    withPrivileges(["SeRestorePrivilege", "SeBackupPrivilege"], () =>
      withNewKey(key, view, (handle) => check(`${key} from ${file}`, api.restore(handle, wide(file), forceRestore))),
    ),

  copySecurity: (from, to, view) => {
    const security = withKey(from, view, securityAccess | readAccess, (handle) => {
      const size: Out<number> = [0];
      api.getSecurity(handle, accessList, null, size);
      const data = Buffer.alloc(size[0]);
      check(from, api.getSecurity(handle, accessList, data, size));
      return data;
    });
    if (security === null) throw new WindowsProblem(from, notFound);
    withKey(to, view, securityAccess | readAccess, (handle) =>
      check(to, api.setSecurity(handle, accessList, security)),
    );
  },

  withHive: (file, name, use) =>
    withPrivileges(["SeRestorePrivilege", "SeBackupPrivilege"], () => {
      // Windows would make a missing file; for a user it would be one that nobody reads
      if (!existsSync(toText(file))) throw new WindowsProblem(file, notFound);
      // a run that was killed may have left it
      api.unload(usersRoot, wide(name));
      check(file, api.load(usersRoot, wide(name), wide(file)));
      try {
        use();
      } finally {
        check(file, api.unload(usersRoot, wide(name)));
      }
    }),
};
