import type { Log } from "@opsi-ts/logging";
import { isOpsiError } from "@opsi-ts/model";
import type { Caller } from "../configuration/read-from-service.ts";
import { waitSeconds } from "../wait-seconds.ts";

interface Slot {
  readonly slot_id?: string | null;
  /** Seconds after which to ask again; 0 or null: the slot is ours. */
  readonly retry_after?: number | null;
  /** Seconds for which it stays ours. */
  readonly retention?: number | null;
}

/**
 * Runs something while this client has one of the depot's transfer slots, so that not all clients fetch at once. A
 * service that has none does not limit anything. (agent §8.3)
 */
export async function withTransferSlot<T>(
  service: Caller,
  depotId: string,
  hostId: string,
  log: Log,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  let slot: Slot;
  for (;;) {
    try {
      slot = await service.call<Slot>("depot_acquireTransferSlot", [depotId, hostId, null]);
    } catch (error) {
      if (isOpsiError(error, "ValueError") && /Invalid method/.test(error.message)) return run();
      throw error;
    }
    if (!slot.retry_after) break;
    const seconds = Math.max(1, slot.retry_after);
    log.info({ seconds }, "all transfer slots are taken");
    await waitSeconds(seconds, signal);
  }
  const { slot_id: slotId, retention } = slot;
  const ended = new AbortController();
  const heart = beat(service, [depotId, hostId, slotId], Math.max((retention ?? 60) - 10, 1), ended.signal);
  try {
    return await run();
  } finally {
    ended.abort();
    await heart;
    await service.call("depot_releaseTransferSlot", [depotId, hostId, slotId]).catch(() => {}); // ends by itself
  }
}

async function beat(service: Caller, params: readonly unknown[], seconds: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await waitSeconds(seconds, signal).catch(() => {});
    if (signal.aborted) return;
    const slot = await service.call<Slot>("depot_acquireTransferSlot", params).catch(() => null); // the next one may arrive
    if (slot !== null && !slot.retention) return;
  }
}
