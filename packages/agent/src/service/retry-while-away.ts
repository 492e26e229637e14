import { setTimeout } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { isAway } from "./service-trouble.ts";

/**
 * Tries again while the service is away, with growing pauses, for a limited time: a service that is restarted or a line
 * that is cut for a moment disturbs nothing.
 *
 * @throws what the last attempt threw; the signal's reason
 */
export async function retryWhileAway<T>(
  run: () => Promise<T>,
  {
    what,
    maximumMilliseconds,
    log,
    signal,
  }: { what: string; maximumMilliseconds: number; log: Log; signal: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + maximumMilliseconds;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      const delay = Math.min(10_000, 500 * 2 ** attempt);
      if (!isAway(error) || Date.now() + delay > deadline) throw error;
      if (attempt === 0)
        log.warning({ what, seconds: Math.round(maximumMilliseconds / 1000) }, "service is away, trying again");
      await setTimeout(delay, undefined, { signal });
    }
  }
}
