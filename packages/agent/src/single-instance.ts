import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { Platform } from "./platform/platform.ts";

/**
 * Makes sure that only one agent works on a folder. A lock of a process that is gone counts for nothing, whether that
 * was killed or the power failed. (agent §1.3)
 *
 * @throws OpsiError RuntimeError if another agent is at work
 */
export async function lockInstance(folder: string, platform: Platform): Promise<AsyncDisposable> {
  const path = join(folder, "agent.lock");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Linked when it is complete: another agent that starts now must not take it for one that was left behind.
  const own = `${path}.${randomUUID()}`;
  await using _own: AsyncDisposable = { [Symbol.asyncDispose]: () => rm(own, { force: true }) };
  const identity = platform.processIdentity(process.pid);
  await writeFile(own, JSON.stringify({ processId: process.pid, identity }), { mode: 0o600 });
  for (let attempt = 0; ; attempt++) {
    try {
      await link(own, path);
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = parse(await readFile(path, "utf8").catch(() => ""));
    const alive = holder !== null && platform.processIdentity(holder.processId) === holder.identity;
    if (alive || attempt > 2) {
      throw new OpsiError(
        "RuntimeError",
        `Another agent is at work in ${folder}${alive ? ` (process ${holder.processId})` : ""}`,
      );
    }
    await rm(path, { force: true });
  }
}

function parse(text: string): { processId: number; identity: string } | null {
  try {
    const { processId, identity } = JSON.parse(text) as Record<string, unknown>;
    return typeof processId === "number" && typeof identity === "string" ? { processId, identity } : null;
  } catch {
    return null; // the power failed before it was on the disk
  }
}
