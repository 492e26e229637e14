import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { startCorpusServer } from "./rpc/corpus-server.ts";
import { emptyTally, type Failure, type Tally } from "./tally.ts";

/** Asks a worker process to play one case. */
export interface CaseOrder {
  readonly path: string;
  readonly certificates: string;
}

export interface StepResult {
  readonly step: number;
  readonly method: string;
  /** Null when the answer is the recorded one. */
  readonly difference: string | null;
  /** A difference from what the original does by mistake. */
  readonly defect: boolean;
}

export interface CaseResult {
  readonly topic: string;
  readonly steps: readonly StepResult[];
}

export interface TopicTally {
  passed: number;
  failed: number;
  /** Steps that differ from what the original does by mistake. */
  defects: number;
}

export interface StepTally extends Tally {
  readonly topics: Map<string, TopicTally>;
}

/** What a worker module does: answers each order with the result of its case. */
export function answerOrders(play: (order: CaseOrder) => Promise<CaseResult>): void {
  process.on("message", async (order: CaseOrder) => {
    process.send?.(await play(order));
  });
}

/**
 * Plays all cases below a folder, each on a server of its own, several at a time. One step counts one.
 *
 * @param workerModule calls `answerOrders`
 * @param words its command line
 * @param topics folders below the directory; all where nothing is said
 */
export async function playCases(
  directory: string,
  workerModule: string,
  words: readonly string[] = [],
  topics?: readonly string[],
): Promise<StepTally> {
  const entries = await readdir(directory, { recursive: true });
  const isWanted = (name: string) => topics === undefined || topics.includes(name.split(sep)[0] ?? "");
  const names = entries.filter((name) => name.endsWith(".json") && isWanted(name));
  const paths = names.map((name) => join(directory, name));
  const tally: StepTally = { ...emptyTally(), topics: new Map() };
  const queue = paths.sort().toReversed();
  const root = await mkdtemp(join(tmpdir(), "case-certificates-"));
  const workers: ChildProcess[] = [];
  try {
    const certificates = await makeCertificates(root);
    for (let count = availableParallelism(); count > 0; count--) {
      workers.push(fork(workerModule, words, { stdio: ["ignore", "ignore", "inherit", "ipc"] }));
    }
    await Promise.all(
      workers.map(async (worker) => {
        for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
          add(tally, relative(directory, path), await playWith(worker, { path, certificates }));
        }
      }),
    );
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await rm(root, { recursive: true, force: true });
  }
  tally.failures.sort((a, b) => (a.place < b.place ? -1 : 1));
  return tally;
}

/** Lets a server make a CA and a certificate that all servers of a run share; returns their folder. */
async function makeCertificates(root: string): Promise<string> {
  const server = await startCorpusServer(root, 0);
  await server[Symbol.asyncDispose]();
  return join(root, "etc/opsi/ssl");
}

async function playWith(worker: ChildProcess, order: CaseOrder): Promise<CaseResult> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const answered = once(worker, "message", { signal });
    const ended = once(worker, "exit", { signal }).then(([code]) => {
      throw new Error(`The player of ${order.path} ended with code ${code}`);
    });
    ended.catch(() => {}); // aborted below when the answer came first
    worker.send(order);
    const [result] = (await Promise.race([answered, ended])) as [CaseResult];
    return result;
  } finally {
    waiting.abort();
  }
}

function add(tally: StepTally, place: string, { topic, steps }: CaseResult): void {
  const counts = tally.topics.get(topic) ?? { passed: 0, failed: 0, defects: 0 };
  tally.topics.set(topic, counts);
  const failures = steps.flatMap(({ step, method, difference, defect }): Failure[] =>
    difference === null || defect ? [] : [{ place: `${place} step ${step} ${method}`, detail: difference }],
  );
  const passed = steps.filter(({ difference }) => difference === null).length;
  counts.passed += passed;
  counts.failed += failures.length;
  const defects = steps.length - passed - failures.length;
  counts.defects += defects;
  tally.defects += defects;
  tally.passed += passed;
  tally.failed += failures.length;
  tally.failures.push(...failures);
}
