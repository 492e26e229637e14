import { parentPort, workerData } from "node:worker_threads";
import { readJsonArray, readPortion } from "./bulk-read.ts";
import type { BulkAnswer, BulkRequest, BulkSource } from "./bulk-reader.ts";
import { Database } from "./database.ts";

/** The thread behind `BulkReader`: reads with a connection of its own. */
const { path, oneState } = workerData as BulkSource;
const database = new Database(path, { readOnly: true });
if (oneState) database.execute("BEGIN");

parentPort?.on("message", ({ id, statements, portion }: BulkRequest) => {
  try {
    const [first] = statements;
    const read = portion && first ? readPortion(database, first, portion) : readJsonArray(database, statements);
    const answer: BulkAnswer = { id, ...read };
    parentPort?.postMessage(answer, [read.json.buffer]);
  } catch (error) {
    const answer: BulkAnswer = { id, error: error instanceof Error ? error.message : String(error) };
    parentPort?.postMessage(answer);
  }
});
