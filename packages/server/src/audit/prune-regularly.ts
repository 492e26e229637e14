import type { AuditTrail } from "./audit-trail.ts";

const day = 86_400_000;
/** Often enough that no restart and no sleeping machine keeps records for long. */
const interval = day / 4;

/**
 * Removes what is older than `days`, now and from then on. Disposal waits for what is under way.
 *
 * @param onEnd told how many records went, or what went wrong
 */
export function pruneRegularly(
  trail: AuditTrail,
  days: number,
  onEnd: (removed: number, error?: unknown) => void,
): AsyncDisposable {
  let running: Promise<void> | null = null;
  const prune = () => {
    running ??= trail
      .prune(new Date(Date.now() - days * day))
      .then(onEnd, (error: unknown) => onEnd(0, error))
      .finally(() => {
        running = null;
      });
  };
  prune();
  const timer = setInterval(prune, interval);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
