import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { hosts } from "../methods/families.ts";
import { type Check, error, type Finding, ok } from "./check.ts";

/** Problems that are named; a broken file may have one for each page. */
const namedProblems = 10;

export const database: Check = {
  id: "database",
  name: "Database",
  description: "The database answers, and its file is intact.",
  documentation: "A broken file is replaced from a backup: stop the service, move it away, start, restore the backup.",
  async run({ storage, site }) {
    const count = await storage.count(hosts);
    const path = join(site.folders.state, "opsi.sqlite");
    const answers = { connection: ok(`The database answers and has ${count} hosts.`) };
    return existsSync(path) ? { ...answers, integrity: integrity(path, await integrityProblems(path)) } : answers;
  },
};

function integrity(path: string, problems: readonly string[]): Finding {
  if (problems.length === 0) return ok(`${path} is intact.`);
  return error(`${path} is broken: ${problems[0]}`, { problems });
}

/** Reads the whole file, which takes seconds for a large site: in a thread of its own. */
export function integrityProblems(path: string): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const worker = new Worker(new URL("./database-worker.ts", import.meta.url), {
    workerData: { path, most: namedProblems },
  });
  worker.once("message", resolve);
  worker.once("exit", () => resolve(["its check ended without an answer"])); // of no effect behind an answer
  worker.once("error", (reason) => resolve([reason instanceof Error ? reason.message : String(reason)]));
  return promise;
}
