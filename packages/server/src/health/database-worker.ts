import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/** The thread behind the check of the database: answers with what SQLite finds wrong in the file. */
const { path, most } = workerData as { readonly path: string; readonly most: number };
using file = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
const rows = file.prepare(`PRAGMA quick_check(${most})`).all();
const lines = rows.map((row) => String(row["quick_check"]));
parentPort?.postMessage(lines.filter((line) => line !== "ok"));
