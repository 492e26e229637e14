import type { RunningProcess } from "./processes.ts";
import { closeHandle, fromWide, type Handle, windowsFunction } from "./windows-library.ts";
import { userOfProcess } from "./windows-token.ts";
import { accountOf } from "./windows-users.ts";

const snapshot = windowsFunction<(what: number, process: number) => Handle>(
  "kernel32",
  "intptr_t CreateToolhelp32Snapshot(uint32 what, uint32 process)",
);
const first = windowsFunction<(snapshot: Handle, entry: Buffer) => number>(
  "kernel32",
  "int Process32FirstW(intptr_t snapshot, void *entry)",
);
const next = windowsFunction<(snapshot: Handle, entry: Buffer) => number>(
  "kernel32",
  "int Process32NextW(intptr_t snapshot, void *entry)",
);
const openProcess = windowsFunction<(access: number, inherit: number, process: number) => Handle>(
  "kernel32",
  "intptr_t OpenProcess(uint32 access, int inherit, uint32 process)",
);
const imageName = windowsFunction<(process: Handle, flags: number, name: Buffer, size: [number]) => number>(
  "kernel32",
  "int QueryFullProcessImageNameW(intptr_t process, uint32 flags, void *name, _Inout_ uint32 *size)",
);
const terminate = windowsFunction<(process: Handle, code: number) => number>(
  "kernel32",
  "int TerminateProcess(intptr_t process, uint32 code)",
);

const allProcesses = 2; // TH32CS_SNAPPROCESS
const mayQuery = 0x1000;
const mayTerminate = 1;
const longestPath = 32768;

interface Entry {
  readonly command: string;
  readonly pid: number;
  readonly parent: number;
}

/** PROCESSENTRY32W of 64 bits: id at 8, parent at 32, name of the file at 44. */
function entries(): Entry[] {
  const handle = snapshot(allProcesses, 0);
  const entry = Buffer.alloc(568);
  entry.writeUInt32LE(entry.length);
  const found: Entry[] = [];
  try {
    for (let more = first(handle, entry); more !== 0; more = next(handle, entry)) {
      found.push({
        command: fromWide(entry.subarray(44, 564)),
        pid: entry.readUInt32LE(8),
        parent: entry.readUInt32LE(32),
      });
    }
  } finally {
    closeHandle(handle);
  }
  return found;
}

function withProcess<T>(pid: number, access: number, use: (process: Handle) => T): T | null {
  const handle = openProcess(access, 0, pid);
  if (handle === 0) return null; // of the system, or just ended
  try {
    return use(handle);
  } finally {
    closeHandle(handle);
  }
}

/** The line is the path of the program: other processes' command lines belong to them. */
function details(handle: Handle): { readonly user: string; readonly line: string } {
  const name = Buffer.alloc(longestPath * 2);
  const line = imageName(handle, 0, name, [longestPath]) === 0 ? "" : fromWide(name);
  const id = userOfProcess(handle);
  const account = id === null ? null : accountOf(id);
  return { user: account === null ? "" : `${account.domain}\\${account.name}`, line };
}

export const listProcesses = (): RunningProcess[] =>
  entries().map(({ command, pid }) => ({
    command,
    pid,
    ...(withProcess(pid, mayQuery, details) ?? { user: "", line: "" }),
  }));

export const parentsOfProcesses = (): ReadonlyMap<number, number> =>
  new Map(entries().map(({ pid, parent }) => [pid, parent]));

export function endProcess(pid: number): void {
  withProcess(pid, mayTerminate, (handle) => terminate(handle, 1));
}
