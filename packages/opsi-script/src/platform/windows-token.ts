import { closeHandle, type Handle, wide, windowsFunction } from "./windows-library.ts";

const currentProcess = windowsFunction<() => Handle>("kernel32", "intptr_t GetCurrentProcess()");
const openToken = windowsFunction<(process: Handle, access: number, token: [Handle]) => number>(
  "advapi32",
  "int OpenProcessToken(intptr_t process, uint32 access, _Out_ intptr_t *token)",
);
const tokenInformation = windowsFunction<
  (token: Handle, what: number, data: Buffer, size: number, needed: [number]) => number
>("advapi32", "int GetTokenInformation(intptr_t token, int what, void *data, uint32 size, _Out_ uint32 *needed)");
const lookUpPrivilege = windowsFunction<(system: null, name: Buffer, id: Buffer) => number>(
  "advapi32",
  "int LookupPrivilegeValueW(void *system, void *name, void *id)",
);
const adjust = windowsFunction<
  (token: Handle, disableAll: number, state: Buffer, size: number, previous: null, previousSize: null) => number
>(
  "advapi32",
  "int AdjustTokenPrivileges(intptr_t token, int disableAll, void *state, uint32 size, void *previous, void *previousSize)",
);

const query = 8;
const adjustAndQuery = 0x28;
const enabled = 2;
/** TOKEN_INFORMATION_CLASS */
const user = 1;
const elevation = 20;

/** `null` where the system does not let us look. */
function withToken<T>(process: Handle, access: number, use: (token: Handle) => T): T | null {
  const token: [Handle] = [0];
  if (openToken(process, access, token) === 0) return null;
  try {
    return use(token[0]);
  } finally {
    closeHandle(token[0]);
  }
}

/** The security id of the user as whom a process runs, in its binary form. */
export const userOfProcess = (process: Handle = currentProcess()): Buffer | null =>
  withToken(process, query, (token) => {
    const data = Buffer.alloc(256); // TOKEN_USER: pointer and attributes, then the id that the pointer means
    return tokenInformation(token, user, data, data.length, [0]) === 0 ? null : data.subarray(16);
  });

export const isElevated = (): boolean =>
  withToken(currentProcess(), query, (token) => {
    const data = Buffer.alloc(4);
    return tokenInformation(token, elevation, data, data.length, [0]) !== 0 && data.readUInt32LE() !== 0;
  }) === true;

/** An administrator has these rights, but each process must switch them on; afterwards they are off again. */
export function withPrivileges<T>(names: readonly string[], use: () => T): T {
  const set = (attributes: number) =>
    withToken(currentProcess(), adjustAndQuery, (token) => {
      for (const name of names) {
        const state = Buffer.alloc(16); // count, identifier of 64 bits, attributes
        state.writeUInt32LE(1);
        state.writeUInt32LE(attributes, 12);
        if (lookUpPrivilege(null, wide(name), state.subarray(4)) !== 0) adjust(token, 0, state, 0, null, null);
      }
    });
  set(enabled); // what still lacks a right fails and says so
  try {
    return use();
  } finally {
    set(0);
  }
}
