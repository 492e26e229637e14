import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { emptyTally, type Failure, type PlayOptions, type Tally } from "../tally.ts";
import { startCorpusServer } from "./corpus-server.ts";
import type { CaseOrder, CaseResult } from "./play-worker.ts";

export interface TopicTally {
  passed: number;
  failed: number;
  /** Steps that differ from what the original does by mistake. */
  defects: number;
}

export interface RpcTally extends Tally {
  readonly topics: Map<string, TopicTally>;
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

function add(tally: RpcTally, place: string, { topic, steps }: CaseResult): void {
  const counts = tally.topics.get(topic) ?? { passed: 0, failed: 0, defects: 0 };
  tally.topics.set(topic, counts);
  const failures = steps.flatMap(({ step, method, difference, defect }): Failure[] =>
    difference === null || defect ? [] : [{ place: `${place} step ${step} ${method}`, detail: difference }],
  );
  const passed = steps.filter(({ difference }) => difference === null).length;
  counts.passed += passed;
  counts.failed += failures.length;
  counts.defects += steps.length - passed - failures.length;
  tally.passed += passed;
  tally.failed += failures.length;
  tally.failures.push(...failures);
}

/** Plays all recorded RPC cases below a folder, each on a server of its own, several at a time. One step counts one. */
export async function play(directory: string, { backend }: PlayOptions): Promise<RpcTally> {
  if (backend !== "sqlite") throw new Error(`Unknown backend '${backend}', known: sqlite`);
  const entries = await readdir(directory, { recursive: true });
  const paths = entries.filter((name) => name.endsWith(".json")).map((name) => join(directory, name));
  const tally: RpcTally = { ...emptyTally(), topics: new Map() };
  const queue = paths.sort().toReversed();
  const root = await mkdtemp(join(tmpdir(), "rpc-certificates-"));
  const workers: ChildProcess[] = [];
  try {
    const certificates = await makeCertificates(root);
    for (let count = availableParallelism(); count > 0; count--) {
      workers.push(
        fork(join(import.meta.dirname, "play-worker.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] }),
      );
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
