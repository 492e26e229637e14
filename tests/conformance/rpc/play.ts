import { join } from "node:path";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { playCases, type StepTally } from "../case-workers.ts";
import type { PlayOptions } from "../tally.ts";

const worker = join(import.meta.dirname, "play-worker.ts");

/** Plays all recorded RPC cases below a folder. With `mysql` the servers share a MariaDB that is started for them. */
export async function play(directory: string, { backend }: PlayOptions): Promise<StepTally> {
  if (backend === "sqlite") return playCases(directory, worker);
  if (backend !== "mysql") throw new Error(`Unknown backend '${backend}', known: sqlite, mysql`);
  await using server = await TestMariaDb.start();
  return await playCases(directory, worker, [server.socket]);
}
