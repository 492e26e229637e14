import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../language/problems.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { readOutput } from "./output-text.ts";
import { ownProcesses, type Processes, type RunningProcess, type RunResult, sleepMilliseconds } from "./processes.ts";

/** What Windows calls STILL_ACTIVE; scripts know it on all systems. */
const stillRunning = 259;

/** Both streams go into one file, so that their lines keep their order and no child can block on a full pipe. */
function runIntoFile(program: string, parameters: readonly string[], timeoutSeconds: number | undefined): RunResult {
  const folder = mkdtempSync(join(tmpdir(), "opsi-script-output-"));
  const file = openSync(join(folder, "output"), "a+", 0o600);
  try {
    if (timeoutSeconds !== undefined) return runWithTimeout(program, parameters, timeoutSeconds, folder, file);
    const { status, signal, error } = spawnSync(toText(program), parameters.map(toText), {
      stdio: ["ignore", file, file],
    });
    if (error) return { started: false, exitCode: -1, output: reasonOf(error) };
    return {
      started: true,
      exitCode: status ?? 128 + signalNumber(signal),
      output: readOutput(file).toString("latin1"),
    };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

const signalNumber = (signal: NodeJS.Signals | null) => (signal === null ? 0 : (constants.signals[signal] ?? 0));

/**
 * A small shell notes the exit code in a file: the process may outlive our patience, and must not be ended then. The
 * shell gets a path: it would take a plain name for one of its own commands, and could not say that there is no such
 * program.
 */
function runWithTimeout(
  program: string,
  parameters: readonly string[],
  seconds: number,
  folder: string,
  file: number,
): RunResult {
  const path = linuxProcesses.which(program);
  if (path === "") return { started: false, exitCode: -1, output: `${program}: no such program` };
  const codeFile = join(folder, "code");
  const note = ["-c", 'code=$1; shift; "$@"; printf %s $? >"$code"', "sh", codeFile, toText(path)];
  const child = spawn("/bin/sh", [...note, ...parameters.map(toText)], {
    stdio: ["ignore", file, file],
    detached: true,
  });
  child.on("error", () => {});
  child.unref();
  const end = Date.now() + seconds * 1000;
  for (let pause = 5; Date.now() < end; pause = Math.min(pause * 2, 200)) {
    sleepMilliseconds(Math.min(pause, Math.max(1, end - Date.now())));
    const code = readFileOrNull(codeFile);
    if (code !== null && code !== "")
      return { started: true, exitCode: Number(code), output: readOutput(file).toString("latin1") };
  }
  return { started: true, exitCode: stillRunning, output: readOutput(file).toString("latin1") };
}

function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // not there (yet)
  }
}

function runDetached(program: string, parameters: readonly string[]): RunResult {
  const child = spawn(toText(program), parameters.map(toText), { stdio: "ignore", detached: true });
  child.on("error", () => {}); // told by the missing pid
  if (child.pid === undefined) return { started: false, exitCode: -1, output: `cannot start ${program}` };
  child.unref();
  return { started: true, exitCode: stillRunning, output: "" };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ended by itself meanwhile, or not ours
  }
}

export const linuxProcesses: Processes = {
  run: (program, parameters, { detached = false, timeoutSeconds } = {}) => {
    try {
      return detached ? runDetached(program, parameters) : runIntoFile(program, parameters, timeoutSeconds);
    } catch (error) {
      // an empty name, a zero byte in a parameter, no room for the output
      return { started: false, exitCode: -1, output: reasonOf(error) };
    }
  },

  runShellCommand: (command) => linuxProcesses.run("/bin/bash", ["-c", command]),

  takesCommandLine: false,
  argument: (word) => word,
  seenBy: (path) => path,
  shellScript: (file, parameters) => ["/bin/bash", [file, ...parameters]],

  list: () => {
    const users = userNames();
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? readProcess(Number(name), users) : []));
  },

  parentOf: (pid) => {
    const found = /^PPid:\t(\d+)/m.exec(readFileOrNull(`/proc/${pid}/status`) ?? "")?.[1];
    return found === undefined ? null : Number(found);
  },

  killByName: (name) => {
    if (name === "") return 0; // the empty text is in every name
    const own = ownProcesses(linuxProcesses); // a script must not end what runs it
    const wanted = linuxProcesses.list().filter(({ command, pid }) => command.includes(name) && !own.has(pid));
    for (const { pid } of wanted) endProcess(pid);
    return wanted.length;
  },

  which: (command) => {
    if (command === "") return "";
    for (const folder of (process.env["PATH"] ?? "").split(":")) {
      const path = command.includes("/") ? toText(command) : join(folder, toText(command));
      if (isProgram(path)) return toBytes(path);
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
        for (const pid of holders) endProcess(pid);
        return true;
      }
      sleepMilliseconds(Math.min(5000, Math.max(0, end - Date.now())));
    }
  },
};

function isProgram(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isFile() && (found.mode & 0o111) !== 0;
  } catch {
    return false; // not there, or in a folder that is closed to us
  }
}

/** A pid file of zypper or yum, or whoever has dpkg's lock file open. */
function packageLockHolders(): number[] {
  const holders: number[] = [];
  for (const path of ["/run/zypp.pid", "/var/run/yum.pid"]) {
    const pid = Number(readFileOrNull(path)?.trim());
    if (pid > 0 && existsSync(`/proc/${pid}`)) holders.push(pid);
  }
  const lock = statSync("/var/lib/dpkg/lock", { throwIfNoEntry: false });
  if (lock) {
    for (const line of (readFileOrNull("/proc/locks") ?? "").split("\n")) {
      const [, , , , pid, place] = line.trim().split(/\s+/);
      // 0 and -1 stand for nobody that could be named, and for `kill` they would mean everybody
      if (place?.endsWith(`:${lock.ino}`) && Number(pid) > 0) holders.push(Number(pid));
    }
  }
  return holders;
}

const userNames = (): ReadonlyMap<string, string> =>
  new Map(
    (readFileOrNull("/etc/passwd") ?? "").split("\n").map((line) => {
      const [name = "", , number = ""] = line.split(":");
      return [number, name];
    }),
  );

/** A zombie has ended; ours stay until the end, because nothing collects them while the script runs. */
function readProcess(pid: number, users: ReadonlyMap<string, string>): RunningProcess[] {
  const status = readFileOrNull(`/proc/${pid}/status`);
  if (status === null || /^State:\tZ/m.test(status)) return [];
  const command = /^Name:\t(.*)$/m.exec(status)?.[1] ?? "";
  const id = /^Uid:\t(\d+)/m.exec(status)?.[1] ?? "";
  const line = (readFileOrNull(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
  return [{ command, pid, user: users.get(id) ?? id, line: line === "" ? `[${command}]` : line }];
}
