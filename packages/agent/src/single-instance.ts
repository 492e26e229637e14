import { mkdir, open, readFile, rm } from "node:fs/promises";
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
  for (let attempt = 0; ; attempt++) {
    try {
      await using file = await open(path, "wx", 0o600);
      await file.writeFile(JSON.stringify({ processId: process.pid, identity: platform.processIdentity(process.pid) }));
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
    return null; // killed while it wrote
  }
}
