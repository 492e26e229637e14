import { readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";

/** Whether what bears the number of a process may still be in use by it. What bears our own was left by a predecessor. */
export function isAlive(pid: number): boolean {
  if (pid === process.pid || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
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
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const ticks = Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[19]);
    return Date.now() - uptime() * 1000 + ticks * 10;
  } catch {
    return 0;
  }
}
