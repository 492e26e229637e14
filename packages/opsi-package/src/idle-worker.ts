import { Worker } from "node:worker_threads";

/** Starting a thread takes a tenth of a second of computing, and several operations often follow each other. */
const patienceMilliseconds = 30_000;

interface Idle {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
  readonly forget: () => void;
}

let idle: Idle | null = null;

/** A thread that waits for a task: the one that is left from the last task or a new one. */
export function takeWorker(): Worker {
  if (idle === null) return new Worker(new URL("./package-worker.ts", import.meta.url));
  const { worker, forget } = idle;
  forget();
  worker.ref();
  return worker;
}

/**
 * Keeps a thread that has done its task for the next one, for a while. It does not keep the process from ending.
 *
 * @param worker without listeners of the task; each was taken off by name: after `removeAllListeners` a Worker of Node
 * delivers no message any more
 */
export async function leaveWorker(worker: Worker): Promise<void> {
  if (idle !== null) {
    await worker.terminate();
    return;
  }
  const forget = () => {
    worker.off("error", forget).off("exit", forget);
    if (idle?.worker !== worker) return;
    clearTimeout(idle.timer);
    idle = null;
  };
  worker.on("error", forget).on("exit", forget);
  worker.unref();
  const timer = setTimeout(() => {
    forget();
    void worker.terminate();
  }, patienceMilliseconds);
  idle = { worker, timer: timer.unref(), forget };
}
