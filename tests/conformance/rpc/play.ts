import { join } from "node:path";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { playCases, type StepTally } from "../case-workers.ts";
import type { PlayOptions } from "../tally.ts";
import { backendNamed } from "./backends.ts";

const worker = join(import.meta.dirname, "play-worker.ts");

/** Plays all recorded RPC cases below a folder. Servers that need a MariaDB share one that is started for them. */
export async function play(directory: string, { backend }: PlayOptions): Promise<StepTally> {
  if (!backendNamed(backend).needsMariaDb) return playCases(directory, worker, [backend]);
  await using server = await TestMariaDb.start();
  return await playCases(directory, worker, [backend, server.socket]);
}
