import { spawn } from "node:child_process";
import { chmod, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { Platform } from "../platform/platform.ts";
import { waitSeconds } from "../wait-seconds.ts";
import type { ProcessorCommand } from "./processor-command.ts";

export interface ProcessorOutcome {
  /** null: ended by a signal. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly platform: Platform;
  /**
   * Where the processor works and finds its credentials; for root alone. Always the same one, so that a run that is
   * killed leaves no key behind that nobody removes.
   */
  readonly folder: string;
  readonly timeoutSeconds: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Awaited before the processor does anything, where the system allows to hold it back: notes it durably. */
  readonly onStarted: (processId: number) => Promise<void>;
}

const gracePeriodMilliseconds = 10_000;

/**
 * Runs the action processor as a process group of its own and waits for it; after the timeout the whole group is
 * ended. Its output goes to the log. (agent §5.1)
 *
 * @throws OpsiError OSError if it cannot be started
 */
export async function runProcessor(command: ProcessorCommand, options: RunOptions): Promise<ProcessorOutcome> {
  const { platform, folder, log } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const parameters = [...command.parameters];
    if (command.credentials !== null) {
      const file = join(folder, "credentials");
      const { username, password } = command.credentials;
      await writeFile(file, `username=${username}\npassword=${password}\n`, { mode: 0o600 });
      parameters.push(`${platform.optionPrefix}credentialfile`, file);
    }
    await makeExecutable(command.program);
    const held = platform.heldBack(command.program, parameters);
    log.notice({ program: command.program, parameters: parameters.join(" ") }, "action processor starts");
    const child = spawn(held.program, [...held.parameters], {
      cwd: folder,
      detached: platform.system !== "windows", // a group of its own
      windowsHide: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: options.environment,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", (error) =>
        reject(new OpsiError("OSError", `Cannot start ${command.program}: ${error.message}`, { cause: error })),
      );
      child.once("close", (code) => resolve(code));
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) =>
        log.debug({ line: line.slice(0, 2000) }, "action processor says"),
      );
    }
    if (child.pid === undefined) {
      await ended;
      throw new OpsiError("OSError", `Cannot start ${command.program}`);
    }
    const groupId = child.pid;
    child.stdin.on("error", () => {}); // it has ended already, which `ended` tells
    await options.onStarted(groupId).catch((error: unknown) => {
      platform.signalGroup(groupId, "SIGKILL");
      throw error;
    });
    child.stdin.end("go\n");
    const timer = new AbortController();
    const timeout = waitSeconds(options.timeoutSeconds, timer.signal).then(
      () => "timeout" as const,
      () => "ended" as const,
    );
    const first = await Promise.race([ended, timeout]);
    const timedOut = first === "timeout";
    if (timedOut) {
      log.error({ seconds: options.timeoutSeconds }, "action processor is ended after its timeout");
      await endGroup(groupId, platform, ended);
    }
    timer.abort();
    const exitCode = await ended;
    log.notice({ exitCode }, "action processor ended");
    return { exitCode, timedOut };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** First asks, then forces; waits until the group's leader is gone. */
async function endGroup(groupId: number, platform: Platform, ended: Promise<unknown>): Promise<void> {
  platform.signalGroup(groupId, "SIGTERM");
  const timer = new AbortController();
  await Promise.race([ended, sleep(gracePeriodMilliseconds, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
  platform.signalGroup(groupId, "SIGKILL");
}

/**
 * Waits for a processor that an earlier agent started and left behind; ends it when its time is over. Half an
 * installation is worse than a late one, so it is not ended at once.
 */
export async function waitForLeftProcessor(
  { processId, identity, deadline }: { processId: number; identity: string; deadline: number },
  platform: Platform,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (platform.processIdentity(processId) !== identity) return;
  log.warning({ processId }, "action processor of an earlier run is still at work, waiting for it");
  while (platform.processIdentity(processId) === identity) {
    if (Date.now() > deadline) {
      log.error({ processId }, "action processor of an earlier run is ended");
      platform.signalGroup(processId, "SIGKILL");
      return;
    }
    await sleep(500, undefined, { signal });
  }
  log.notice({ processId }, "action processor of the earlier run has ended");
}

async function makeExecutable(program: string): Promise<void> {
  if (!isAbsolute(program)) return;
  const found = await stat(program).catch(() => null);
  if (found === null) throw new OpsiError("OSError", `Cannot start ${program}: there is no such file`);
  if (process.platform === "win32") return;
  if (found.isFile() && (found.mode & 0o111) === 0) await chmod(program, found.mode | 0o755);
}
