import { join } from "node:path";
import { playCases, type StepTally } from "../case-workers.ts";
import type { PlayOptions } from "../tally.ts";
import { backendNamed } from "./backends.ts";

const worker = join(import.meta.dirname, "play-worker.ts");

/** Plays all recorded RPC cases below a folder. Servers that need one of databases share one that is started for them. */
export async function play(directory: string, { backend, topics }: PlayOptions): Promise<StepTally> {
  const { database } = backendNamed(backend);
  if (database === null) return playCases(directory, worker, [backend], topics);
  await using server = await database.start();
  return await playCases(directory, worker, [backend, server.newDatabase().address], topics);
}
