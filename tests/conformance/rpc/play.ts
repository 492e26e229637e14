import { join } from "node:path";
import { playCases, type StepTally } from "../case-workers.ts";
import type { PlayOptions } from "../tally.ts";

/** Plays all recorded RPC cases below a folder. */
export async function play(directory: string, { backend }: PlayOptions): Promise<StepTally> {
  if (backend !== "sqlite") throw new Error(`Unknown backend '${backend}', known: sqlite`);
  return playCases(directory, join(import.meta.dirname, "play-worker.ts"));
}
