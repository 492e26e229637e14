import { setTimeout } from "node:timers/promises";

/** setTimeout counts milliseconds in 31 bits and takes more for none: longer waits are made of parts. */
export async function waitSeconds(seconds: number, signal?: AbortSignal): Promise<void> {
  for (let left = seconds; left > 0; left -= 1_000_000)
    await setTimeout(Math.min(left, 1_000_000) * 1000, undefined, { signal });
}
