import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { toBytes, toText } from "../bytes.ts";
import {
  type Processes,
  type RunningProcess,
  type RunOptions,
  type RunResult,
  sleepMilliseconds,
} from "./processes.ts";

/** More output than this is cut off: it would have to be held in memory several times. */
const mostOutput = 64 * 1024 * 1024;
/** What Windows calls STILL_ACTIVE; scripts know it on all systems. */
const stillRunning = 259;

/** Both streams go into one file, so that their lines keep their order and no child can block on a full pipe. */
function runIntoFile(program: string, parameters: readonly string[], options: RunOptions): RunResult {
  const folder = mkdtempSync(join(tmpdir(), "opsi-script-output-"));
  const path = join(folder, "output");
  const file = openSync(path, "a+", 0o600);
  try {
    const stdio: ["ignore", number, number] = ["ignore", file, file];
    const given = options.directory === undefined ? {} : { cwd: toText(options.directory) };
    if (options.timeoutSeconds !== undefined) {
      return runWithTimeout(program, parameters, options.timeoutSeconds, { folder, path, stdio, given });
    }
    const { status, signal, error } = spawnSync(toText(program), parameters.map(toText), { ...given, stdio });
    if (error) return { started: false, exitCode: -1, output: toBytes(error.message) };
    return { started: true, exitCode: status ?? 128 + signalNumber(signal), output: readOutput(path) };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

const signalNumber = (signal: NodeJS.Signals | null) => (signal === null ? 0 : (constants.signals[signal] ?? 0));
const readOutput = (path: string) => readFileSync(path).subarray(0, mostOutput).toString("latin1");

interface TimedRun {
  readonly folder: string;
  readonly path: string;
  readonly stdio: ["ignore", number, number];
  readonly given: { cwd?: string };
}

/** A small shell notes the exit code in a file: the process may outlive our patience, and must not be ended then. */
function runWithTimeout(program: string, parameters: readonly string[], seconds: number, run: TimedRun): RunResult {
  const codeFile = join(run.folder, "code");
  const note = ["-c", 'code=$1; shift; "$@"; printf %s $? >"$code"', "sh", codeFile, toText(program)];
  const child = spawn("/bin/sh", [...note, ...parameters.map(toText)], {
    ...run.given,
    stdio: run.stdio,
    detached: true,
  });
  child.on("error", () => {});
  child.unref();
  const end = Date.now() + seconds * 1000;
  for (let pause = 5; Date.now() < end; pause = Math.min(pause * 2, 200)) {
    sleepMilliseconds(Math.min(pause, Math.max(1, end - Date.now())));
    const code = readFileOrNull(codeFile);
    if (code !== null && code !== "") return { started: true, exitCode: Number(code), output: readOutput(run.path) };
  }
  return { started: true, exitCode: stillRunning, output: readOutput(run.path) };
}

function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // not there (yet)
  }
}

function runDetached(program: string, parameters: readonly string[], options: RunOptions): RunResult {
  const given = options.directory === undefined ? {} : { cwd: toText(options.directory) };
  const child = spawn(toText(program), parameters.map(toText), { ...given, stdio: "ignore", detached: true });
  child.on("error", () => {}); // told by the missing pid
  if (child.pid === undefined) return { started: false, exitCode: -1, output: `cannot start ${program}` };
  child.unref();
  return { started: true, exitCode: stillRunning, output: "" };
}

export const linuxProcesses: Processes = {
  run: (program, parameters, options = {}) =>
    options.detached ? runDetached(program, parameters, options) : runIntoFile(program, parameters, options),

  runShellCommand: (command, options = {}) => linuxProcesses.run("/bin/bash", ["-c", command], options),

  shellScript: (file, parameters) => ["/bin/bash", [file, ...parameters]],

  list: () => readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readProcess(Number(name)) : [])),

  isRunning: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },

  parentOf: (pid) => {
    const found = /^PPid:\t(\d+)/m.exec(readFileOrNull(`/proc/${pid}/status`) ?? "")?.[1];
    return found === undefined ? null : Number(found);
  },

  killByName: (name) => {
    if (name === "") return 0; // the empty text is in every name
    const own = ancestors(process.pid);
    const wanted = linuxProcesses.list().filter(({ command, pid }) => command.includes(name) && !own.has(pid));
    for (const { pid } of wanted) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended by itself meanwhile, or not ours
      }
    }
    return wanted.length;
  },

  which: (command) => {
    if (command === "") return "";
    for (const folder of (process.env["PATH"] ?? "").split(":")) {
      const path = command.includes("/") ? toText(command) : join(folder, toText(command));
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isFile() && (found.mode & 0o111) !== 0) return toBytes(path);
    }
    return "";
  },

  waitForPackageLock: (seconds, kill) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const holders = packageLockHolders();
      if (holders.length === 0) return true;
      if (Date.now() >= end) {
        if (!kill) return false;
        for (const pid of holders) process.kill(pid, "SIGKILL");
        return true;
      }
      sleepMilliseconds(Math.min(5000, Math.max(0, end - Date.now())));
    }
  },
};

/** A process and those that it descends from: a script must not end what runs it. */
function ancestors(pid: number): Set<number> {
  const found = new Set<number>();
  for (let next: number | null = pid; next !== null && next > 0 && !found.has(next); ) {
    found.add(next);
    next = linuxProcesses.parentOf(next);
  }
  return found;
}

/** A pid file of zypper or yum, or whoever has dpkg's lock file open. */
function packageLockHolders(): number[] {
  const holders: number[] = [];
  for (const path of ["/run/zypp.pid", "/var/run/yum.pid"]) {
    const pid = Number(readFileOrNull(path)?.trim());
    if (pid > 0 && linuxProcesses.isRunning(pid)) holders.push(pid);
  }
  const lock = statSync("/var/lib/dpkg/lock", { throwIfNoEntry: false });
  if (lock) {
    for (const line of (readFileOrNull("/proc/locks") ?? "").split("\n")) {
      const [, , , , pid, place] = line.trim().split(/\s+/);
      if (place?.endsWith(`:${lock.ino}`)) holders.push(Number(pid));
    }
  }
  return holders;
}

let userNames: Map<string, string> | null = null;

function nameOfUser(id: string): string {
  userNames ??= new Map(
    (readFileOrNull("/etc/passwd") ?? "").split("\n").map((line) => {
      const [name = "", , number = ""] = line.split(":");
      return [number, name];
    }),
  );
  return userNames.get(id) ?? id;
}

function readProcess(pid: number): RunningProcess[] {
  const status = readFileOrNull(`/proc/${pid}/status`);
  if (status === null) return [];
  const command = /^Name:\t(.*)$/m.exec(status)?.[1] ?? "";
  const user = nameOfUser(/^Uid:\t(\d+)/m.exec(status)?.[1] ?? "");
  const line = (readFileOrNull(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
  return [{ command, pid, user, line: line === "" ? `[${command}]` : line }];
}
