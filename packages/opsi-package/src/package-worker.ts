import { parentPort, workerData } from "node:worker_threads";
import { isOpsiError } from "@opsi-ts/model";
import type { WorkerAnswer, WorkerError, WorkerTask } from "./in-worker.ts";
import { PackageError } from "./package-error.ts";
import { type OperationControl, packageOperations } from "./package-operations.ts";

/** The other side of `inWorker`: runs one operation and ends. */
const { name, parameters } = workerData as WorkerTask;
const abort = new AbortController();
parentPort?.once("message", () => abort.abort());

const answer = (message: WorkerAnswer) => parentPort?.postMessage(message);
const control: OperationControl = { signal: abort.signal, onProgress: (progress) => answer({ progress }) };
try {
  const run = packageOperations[name] as (control: OperationControl, ...parameters: unknown[]) => Promise<unknown>;
  answer({ result: await run(control, ...parameters) });
} catch (error) {
  answer({ error: describe(error) });
}
parentPort?.close();

function describe(error: unknown): WorkerError {
  if (error instanceof PackageError) return { kind: "package", fault: error.fault, message: error.message };
  if (isOpsiError(error)) return { kind: "opsi", class: error.class, message: error.message };
  if (!(error instanceof Error)) return { kind: "system", message: String(error), name: "Error" };
  const { message, name, stack } = error;
  return {
    kind: "system",
    message,
    name,
    ...(stack && { stack }),
    ...("code" in error && { code: String(error.code) }),
  };
}
