import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { OpsiError } from "@opsi-ts/model";
import {
  type FromThread,
  fromFailure,
  type LogLevel,
  type RunRequest,
  type ThreadSource,
  type ToThread,
  toFailure,
} from "./thread-messages.ts";

/** What an extension may ask for while it runs. */
export interface Surroundings {
  /** The result as JSON text. @param method null for the method that is replaced */
  call(method: string | null, params: readonly unknown[]): Promise<string>;
  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What is called, by whom. */
export type CallRequest = Omit<RunRequest, "kind" | "run">;

interface Running {
  readonly number: number;
  readonly surroundings: Surroundings;
  readonly settled: PromiseWithResolvers<string>;
}

const loadSeconds = 10;
const memoryMegabytes = 256;
/** Characters of one line of output that are logged. */
const longestLine = 5000;

/**
 * One thread with one extension in it. It runs one call at a time, so that a call which never ends, or takes all
 * memory, takes nobody along: the thread is ended.
 */
export class ExtensionThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #output: Surroundings["log"];
  readonly #loading = Promise.withResolvers<readonly unknown[]>();
  #running: Running | null = null;
  #lastRun = 0;
  #loaded = false;
  #ended = false;

  /** @param output gets what the extension prints, or breaks between calls */
  constructor(source: ThreadSource, output: Surroundings["log"]) {
    this.#output = output;
    this.#worker = new Worker(new URL("./thread.ts", import.meta.url), {
      workerData: source,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
      ...{ stdout: true, stderr: true },
    });
    this.#worker.unref();
    this.#logOutput(this.#worker.stdout, "info");
    this.#logOutput(this.#worker.stderr, "warning");
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error("The thread of the extension ended")));
    const tooLate = new OpsiError("TimeoutError", `The file was not loaded within ${loadSeconds} s`);
    const timer = setTimeout(() => this.#giveUp(tooLate), loadSeconds * 1000);
    this.#loading.promise.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  }

  /** Settles when the file is loaded. @throws what the file threw */
  get declarations(): Promise<readonly unknown[]> {
    return this.#loading.promise;
  }

  /** Whether another call can be run. */
  get usable(): boolean {
    return !this.#ended;
  }

  /** The result as JSON text. @throws what the method threw; TimeoutError, after which the thread is gone */
  async run(request: CallRequest, seconds: number, surroundings: Surroundings): Promise<string> {
    const settled = Promise.withResolvers<string>();
    const number = ++this.#lastRun;
    this.#running = { number, surroundings, settled };
    const tooLate = new OpsiError("TimeoutError", `'${request.method}' did not end within ${seconds} s`);
    const timer = setTimeout(() => this.#giveUp(tooLate), seconds * 1000);
    try {
      this.#tell({ ...request, kind: "run", run: number });
      return await settled.promise;
    } finally {
      clearTimeout(timer);
      this.#running = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    const running = this.#running;
    switch (message.kind) {
      case "loaded":
        this.#loaded = true;
        this.#loading.resolve(message.declarations);
        break;
      case "result":
        running?.settled.resolve(message.json);
        break;
      case "failed":
        if (running) running.settled.reject(fromFailure(message.failure));
        else this.#giveUp(fromFailure(message.failure)); // what could not be loaded runs nothing
        break;
      case "log":
        (running?.surroundings.log ?? this.#output)(message.level, message.message, message.fields);
        break;
      case "call":
        void this.#answer(message, running);
        break;
      default:
        message satisfies never;
    }
  }

  async #answer({ run, id, method, params }: FromThread & { kind: "call" }, running: Running | null): Promise<void> {
    try {
      // What goes on after the end of its call has nobody's rights.
      if (running?.number !== run) throw new OpsiError("RuntimeError", "The call has ended already");
      this.#tell({ kind: "answer", id, json: await running.surroundings.call(method, params) });
    } catch (error) {
      this.#tell({ kind: "refusal", id, failure: toFailure(error) });
    }
  }

  #giveUp(error: Error): void {
    this.#fail(error);
    void this.#worker.terminate();
  }

  #fail(error: Error): void {
    const isNews = this.#loaded && !this.#ended;
    this.#ended = true;
    this.#loading.reject(error);
    if (this.#running) this.#running.settled.reject(error);
    else if (isNews) this.#output("error", error.message, { stack: error.stack });
  }

  #logOutput(stream: Readable, level: LogLevel): void {
    stream.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n").filter((each) => each !== "")) {
        this.#output(level, line.slice(0, longestLine), {});
      }
    });
  }
}
