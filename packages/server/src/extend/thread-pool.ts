import { OpsiError } from "@opsi-ts/model";
import { type CallRequest, ExtensionThread, type Surroundings } from "./extension-thread.ts";
import type { ThreadSource } from "./thread-messages.ts";

/** Calls of one extension that run at the same time, of each depth; each has a thread. */
const mostThreads = 8;
/** Calls that may wait for a thread; the next one is refused. */
const mostWaiting = 200;

/** The turns of calls that are equally deep, see `ThreadPool.run`. */
interface Turns {
  busy: number;
  readonly waiting: (() => void)[];
}

/** The threads of one version of an extension. The first one is there from the start, others when they are needed. */
export class ThreadPool {
  readonly #source: ThreadSource;
  readonly #output: Surroundings["log"];
  readonly #idle: ExtensionThread[] = [];
  readonly #turns = new Map<number, Turns>();
  #retired = false;

  /** @param first has loaded the file */
  constructor(source: ThreadSource, output: Surroundings["log"], first: ExtensionThread) {
    this.#source = source;
    this.#output = output;
    this.#idle.push(first);
  }

  /**
   * @param depth of how many calls it is part. Each depth has turns of its own: who waits for a call that it made would
   * else wait for the turn that itself holds.
   * @throws what the method throws; BackendTemporaryError when too many calls wait already
   */
  async run(request: CallRequest, seconds: number, depth: number, surroundings: Surroundings): Promise<string> {
    const turns = this.#turns.get(depth) ?? { busy: 0, waiting: [] };
    this.#turns.set(depth, turns);
    await takeTurn(turns, request.method);
    let thread: ExtensionThread | null = null;
    try {
      thread = this.#idleThread() ?? new ExtensionThread(this.#source, this.#output);
      await thread.declarations;
      return await thread.run(request, seconds, surroundings);
    } finally {
      const isNeeded = turns.waiting.length > 0 || (!this.#retired && this.#idle.length < mostThreads);
      if (thread?.usable && isNeeded) this.#idle.push(thread);
      else await thread?.[Symbol.asyncDispose]();
      const next = turns.waiting.shift();
      if (next) next();
      else turns.busy--;
    }
  }

  /** The calls that run or wait are finished, then nothing is left. */
  retire(): void {
    this.#retired = true;
    for (const thread of this.#idle.splice(0)) void thread[Symbol.asyncDispose]();
  }

  /** A thread may have broken while nobody used it. */
  #idleThread(): ExtensionThread | undefined {
    let thread = this.#idle.pop();
    while (thread && !thread.usable) thread = this.#idle.pop();
    return thread;
  }
}

async function takeTurn(turns: Turns, method: string): Promise<void> {
  if (turns.busy < mostThreads) {
    turns.busy++;
    return;
  }
  if (turns.waiting.length >= mostWaiting) {
    throw new OpsiError("BackendTemporaryError", `Too many calls of '${method}' at once`);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  turns.waiting.push(resolve);
  await promise; // the place of a call that has ended
}
