import { Worker } from "node:worker_threads";
import { type ErrorClass, errorTable, OpsiError } from "@opsi-ts/model";
import { PackageError, type PackageFault } from "./package-error.ts";
import type { OperationControl, OperationName, PackageOperations } from "./package-operations.ts";

export interface WorkerTask {
  readonly name: OperationName;
  readonly parameters: readonly unknown[];
}

export type WorkerError =
  | { readonly kind: "package"; readonly fault: PackageFault; readonly message: string }
  | { readonly kind: "opsi"; readonly class: ErrorClass; readonly message: string }
  | {
      readonly kind: "system";
      readonly message: string;
      readonly name: string;
      readonly stack?: string;
      readonly code?: string;
    };

export type WorkerAnswer =
  | { readonly progress: object }
  | { readonly result: unknown }
  | { readonly error: WorkerError };

type Parameters<N extends OperationName> = PackageOperations[N] extends (
  control: OperationControl,
  ...parameters: infer P
) => unknown
  ? P
  : never;

type Result<N extends OperationName> = Awaited<ReturnType<PackageOperations[N]>>;

/**
 * Runs a long operation in a thread of its own, so that a server goes on answering meanwhile. Errors arrive as if it had
 * been called directly.
 *
 *     const control = await inWorker("extractPackage", [path, folder], { signal, onProgress });
 *
 * @throws what the operation throws; the signal's reason when it was aborted
 */
export async function inWorker<N extends OperationName>(
  name: N,
  parameters: Parameters<N>,
  {
    signal,
    onProgress,
  }: { signal?: AbortSignal | undefined; onProgress?: ((progress: object) => void) | undefined } = {},
): Promise<Result<N>> {
  signal?.throwIfAborted();
  const task: WorkerTask = { name, parameters };
  const worker = new Worker(new URL("./package-worker.ts", import.meta.url), { workerData: task });
  const abort = () => worker.postMessage("abort");
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const result = await new Promise<unknown>((resolve, reject) => {
      worker.on("message", (answer: WorkerAnswer) => {
        if ("progress" in answer) onProgress?.(answer.progress);
        else if ("result" in answer) resolve(answer.result);
        else reject(signal?.aborted ? signal.reason : restore(answer.error));
      });
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`The worker thread for ${name} ended with code ${code}`)));
    });
    return result as Result<N>;
  } finally {
    signal?.removeEventListener("abort", abort);
    await worker.terminate();
  }
}

function restore(error: WorkerError): Error {
  switch (error.kind) {
    case "package":
      return new PackageError(error.fault, error.message);
    case "opsi": {
      const prefix = errorTable[error.class];
      return new OpsiError(error.class, prefix === "" ? error.message : error.message.slice(prefix.length + 2));
    }
    case "system": {
      const { message, name, stack, code } = error;
      return Object.assign(new Error(message), { name, ...(stack && { stack }), ...(code && { code }) });
    }
    default:
      return error satisfies never;
  }
}
