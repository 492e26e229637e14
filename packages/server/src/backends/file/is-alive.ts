import { readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";

/** Whether what bears the number of a process may still be in use by it. What bears our own was left by a predecessor. */
export function isAlive(pid: number): boolean {
  if (pid === process.pid || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return statOf(pid)?.[0] !== "Z"; // ended, and nobody has asked how yet
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Clocks are set now and then, and file systems round. */
const toleranceMilliseconds = 5000;

/** Whether a process may still be writing a file. Who was started after that has got a number that was free again. */
export function isWriting(pid: number, path: string): boolean {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return isAlive(pid) && !(startOf(pid) > written + toleranceMilliseconds);
}

/** In the time of `Date.now`, 0 where the system does not say it: field 22 of proc_pid_stat(5) in ticks since boot. */
function startOf(pid: number): number {
  const ticks = Number(statOf(pid)?.[19] ?? Number.NaN);
  return Number.isNaN(ticks) ? 0 : Date.now() - uptime() * 1000 + ticks * 10;
}

/** What proc_pid_stat(5) says from field 3 on: that before is a name, which may hold anything. Null on other systems. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
