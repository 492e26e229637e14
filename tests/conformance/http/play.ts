import { join } from "node:path";
import { playCases, type StepTally } from "../case-workers.ts";

/** Plays all recorded HTTP exchanges below a folder. */
export const play = (directory: string): Promise<StepTally> =>
  playCases(directory, join(import.meta.dirname, "play-worker.ts"));
