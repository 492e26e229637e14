import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withFile } from "../files/file-content.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { outputText, readOutput } from "./output-text.ts";
import type { Processes, RunOptions, RunResult } from "./processes.ts";
import { ownProcesses } from "./processes.ts";
import { windowsCodePages } from "./windows-code-pages.ts";
import { closeHandle, type Handle, lastError, wide, windowsFunction } from "./windows-library.ts";
import { endProcess, listProcesses, parentsOfProcesses } from "./windows-process-list.ts";

const createProcess = windowsFunction<
  (
    application: null,
    line: Buffer,
    processSecurity: null,
    threadSecurity: null,
    inherit: number,
    flags: number,
    environment: null,
    folder: null,
    startup: Buffer,
    information: Buffer,
  ) => number
>(
  "kernel32",
  "int CreateProcessW(void *application, void *line, void *processSecurity, void *threadSecurity, int inherit, uint32 flags, void *environment, void *folder, void *startup, void *information)",
);
const createFile = windowsFunction<
  (
    path: Buffer,
    access: number,
    sharing: number,
    security: Buffer,
    how: number,
    attributes: number,
    template: Handle,
  ) => Handle
>(
  "kernel32",
  "intptr_t CreateFileW(void *path, uint32 access, uint32 sharing, void *security, uint32 how, uint32 attributes, intptr_t template)",
);
const waitFor = windowsFunction<(handle: Handle, milliseconds: number) => number>(
  "kernel32",
  "uint32 WaitForSingleObject(intptr_t handle, uint32 milliseconds)",
);
const exitCodeOf = windowsFunction<(handle: Handle, code: [number]) => number>(
  "kernel32",
  "int GetExitCodeProcess(intptr_t handle, _Out_ uint32 *code)",
);

const readAccess = 0x80000000;
const writeAccess = 0x40000000;
const shareAll = 7;
const createAlways = 2;
const openExisting = 3;
const normalFile = 0x80;
const noWindow = 0x08000000;
const useHandles = 0x100; // STARTF_USESTDHANDLES
const forEver = 0xffffffff;

/** A handle that the started program inherits. */
function openForChild(path: string, access: number, how: number): Handle {
  const security = Buffer.alloc(24); // SECURITY_ATTRIBUTES: size, descriptor, whether it is inherited
  security.writeUInt32LE(24);
  security.writeUInt32LE(1, 16);
  return createFile(wide(toBytes(path)), access, shareAll, security, how, normalFile, 0);
}

/** STARTUPINFOW of 64 bits. */
function startupInformation(input: Handle, output: Handle): Buffer {
  const startup = Buffer.alloc(104);
  startup.writeUInt32LE(104);
  startup.writeUInt32LE(useHandles, 60);
  startup.writeBigInt64LE(BigInt(input), 80);
  startup.writeBigInt64LE(BigInt(output), 88);
  startup.writeBigInt64LE(BigInt(output), 96);
  return startup;
}

/**
 * Starts a command line and waits. Windows' own call and not Node's: the line arrives unchanged, batch files are
 * programs as for other callers, and a program that is left running after the time keeps its output file.
 */
function start(line: string, outputFile: string, { detached = false, timeoutSeconds }: RunOptions): number | null {
  const input = openForChild("NUL", readAccess, openExisting);
  const output = openForChild(outputFile, writeAccess, outputFile === "NUL" ? openExisting : createAlways);
  const process = Buffer.alloc(24); // PROCESS_INFORMATION: two handles, two numbers
  try {
    const startup = startupInformation(input, output);
    if (createProcess(null, wide(line), null, null, 1, noWindow, null, null, startup, process) === 0) return null;
  } finally {
    closeHandle(input);
    closeHandle(output);
  }
  const handle = Number(process.readBigInt64LE(0));
  closeHandle(Number(process.readBigInt64LE(8)));
  try {
    if (!detached) waitFor(handle, timeoutSeconds === undefined ? forEver : timeoutSeconds * 1000);
    const code: [number] = [0];
    exitCodeOf(handle, code);
    return code[0] | 0; // programs end with -1 too
  } finally {
    closeHandle(handle);
  }
}

/** Quotes are escaped as the C library of Windows' programs reads them. */
const quoted = (word: string) => (/[ \t&()^"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word);

function run(program: string, parameters: readonly string[], options: RunOptions = {}): RunResult {
  const line = [quoted(program), ...parameters].join(" ");
  if (program === "" || line.includes("\0")) return { started: false, exitCode: -1, output: "no such program" };
  const folder = options.detached ? null : mkdtempSync(join(tmpdir(), "opsi-script-output-"));
  try {
    const file = folder === null ? "NUL" : join(folder, "output");
    const exitCode = start(line, file, options);
    if (exitCode === null) return { started: false, exitCode: -1, output: `Windows error ${lastError()}` };
    const output = folder === null ? "" : outputText(withFile(file, "r", readOutput), windowsCodePages.programs);
    return { started: true, exitCode, output };
  } finally {
    // a program that still runs keeps its file; it is in the folder for temporary files
    if (folder !== null) tryToRemove(folder);
  }
}

function tryToRemove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // told above
  }
}

const systemFolder = () => `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32`;
const shell = (is32Bit: boolean) => seenBy(toBytes(`${systemFolder()}\\cmd.exe`), is32Bit);

/**
 * Programs of 32 bits see another folder under the name System32, and the true one as Sysnative. We are one of 64 bits:
 * what they would find is looked up here.
 */
function seenBy(path: string, is32Bit: boolean): string {
  const native = path.replace(/\\Sysnative\\/i, "\\System32\\");
  if (!is32Bit || native !== path) return native;
  const known = /[\\/]/.test(path) ? path : windowsProcesses.which(path);
  const redirected = known.replace(/\\System32\\/i, "\\SysWOW64\\");
  return redirected !== known && isFile(toText(redirected)) ? redirected : path; // not every program is there twice
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // not there, or in a folder that is closed to us
  }
}

export const windowsProcesses: Processes = {
  takesCommandLine: true,
  argument: quoted,
  seenBy,
  run,

  runShellCommand: (command) => run(shell(false), ["/C", `"${command}"`]),

  // cmd.exe removes the outer quotes and keeps those around the file
  shellScript: (file, parameters, is32Bit) => [shell(is32Bit), ["/C", `"${[quoted(file), ...parameters].join(" ")}"`]],

  list: listProcesses,
  parentOf: (pid) => parentsOfProcesses().get(pid) ?? null,

  killByName: (name) => {
    const own = ownProcesses(windowsProcesses); // a script must not end what runs it
    const wanted = listProcesses().filter(
      ({ command, pid }) => command.toLowerCase() === name.toLowerCase() && !own.has(pid),
    );
    for (const { pid } of wanted) endProcess(pid);
    return wanted.length;
  },

  which: (command) => {
    if (command === "") return "";
    const name = toText(command);
    const extensions = ["", ...(process.env["PATHEXT"] ?? ".COM;.EXE;.BAT;.CMD").split(";")];
    const folders = /[\\/]/.test(name) ? [""] : (process.env["PATH"] ?? "").split(";");
    for (const folder of folders) {
      const found = extensions.map((extension) => join(folder, name + extension)).find(isFile);
      if (found !== undefined) return toBytes(found);
    }
    return "";
  },

  waitForPackageLock: () => true, // Windows has no package manager that could hold one
};
