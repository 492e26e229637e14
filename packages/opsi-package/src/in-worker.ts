import { type ErrorClass, errorTable, OpsiError } from "@opsi-ts/model";
import { leaveWorker, takeWorker } from "./idle-worker.ts";
import { PackageError, type PackageFault } from "./package-error.ts";
import type { OperationControl, OperationName, PackageOperations } from "./package-operations.ts";

export interface WorkerTask {
  readonly name: OperationName;
  readonly parameters: readonly unknown[];
  /** Somebody wants to hear of it. */
  readonly reportsProgress: boolean;
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
 * Runs a long operation in another thread, so that a server goes on answering meanwhile. Errors arrive as if it had
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
  const task: WorkerTask = { name, parameters, reportsProgress: onProgress !== undefined };
  const worker = takeWorker();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let answered = false;
  const receive = (answer: WorkerAnswer) => {
    if ("progress" in answer) return onProgress?.(answer.progress);
    answered = true;
    if ("result" in answer) resolve(answer.result);
    else reject(signal?.aborted ? signal.reason : restore(answer.error));
  };
  const ended = (code: number) => reject(new Error(`The worker thread for ${name} ended with code ${code}`));
  const abort = () => worker.postMessage("abort");
  worker.on("message", receive).on("error", reject).on("exit", ended);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    worker.postMessage(task);
    return (await promise) as Result<N>;
  } finally {
    signal?.removeEventListener("abort", abort);
    worker.off("message", receive).off("error", reject).off("exit", ended);
    if (answered) await leaveWorker(worker);
    else await worker.terminate();
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
