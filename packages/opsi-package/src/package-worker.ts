import { parentPort } from "node:worker_threads";
import { isOpsiError } from "@opsi-ts/model";
import type { WorkerAnswer, WorkerError, WorkerTask } from "./in-worker.ts";
import { PackageError } from "./package-error.ts";
import { type OperationControl, packageOperations } from "./package-operations.ts";

/** The other side of `inWorker`: runs one operation after the other. */
let running: AbortController | null = null;
const answer = (message: WorkerAnswer) => parentPort?.postMessage(message);

parentPort?.on("message", (message: WorkerTask | "abort") => {
  // Too late for an operation that has just ended; messages arrive in order, so it is never meant for the next one
  if (message === "abort") running?.abort();
  else void run(message);
});

async function run({ name, parameters, reportsProgress }: WorkerTask): Promise<void> {
  running = new AbortController();
  const onProgress = (progress: object) => {
    if (reportsProgress) answer({ progress });
  };
  try {
    const operation = packageOperations[name] as (
      control: OperationControl,
      ...parameters: unknown[]
    ) => Promise<unknown>;
    const result = await operation({ signal: running.signal, onProgress }, ...parameters);
    running = null;
    answer({ result });
  } catch (error) {
    running = null;
    answer({ error: describe(error) });
  }
}

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
