import { Worker } from "node:worker_threads";
import { OpsiError } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Fragment } from "../fragment.ts";

export interface BulkSource {
  readonly path: string;
  readonly oneState: boolean;
}

export interface BulkRequest {
  readonly id: number;
  readonly statements: readonly Fragment[];
  /** Only rows of the first statement behind the one with the number `last`. */
  readonly portion: { readonly last: number; readonly limit: number } | null;
}

export type BulkAnswer =
  | { readonly id: number; readonly json: Uint8Array; readonly elements: number; readonly last?: number }
  | { readonly id: number; readonly error: string };

interface Read {
  readonly json: JsonText;
  readonly elements: number;
  readonly last: number;
}

interface Waiting {
  resolve(read: Read): void;
  reject(error: Error): void;
}

/** Rows that whoever reads in portions has in memory. */
const rowsPerPortion = 5000;

/** Reads many rows in a thread of its own, so that the thread that serves requests never waits for them. */
export class BulkReader implements AsyncDisposable {
  readonly #source: BulkSource;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;

  /** @param oneState all reads show what was there at the first one */
  constructor(path: string, oneState = false) {
    this.#source = { path, oneState };
  }

  /** The JSON array of all rows of the statements as UTF-8. @throws BackendIOError when the thread fails */
  async read(...statements: readonly Fragment[]): Promise<JsonText> {
    return (await this.#ask(statements, null)).json;
  }

  /** The same in portions: the next one is read when it is asked for. @throws BackendIOError when the thread fails */
  async *portions(statement: Fragment): AsyncIterable<JsonText> {
    for (let last = -1; ; ) {
      const read = await this.#ask([statement], { last, limit: rowsPerPortion });
      if (read.elements > 0) yield read.json;
      if (read.elements < rowsPerPortion) return;
      last = read.last;
    }
  }

  #ask(statements: BulkRequest["statements"], portion: BulkRequest["portion"]): Promise<Read> {
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    const request: BulkRequest = { id, statements, portion };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./bulk-reader-worker.ts", import.meta.url), { workerData: this.#source });
    worker.unref();
    worker.on("message", (answer: BulkAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ("json" in answer) {
        const { json, elements, last = -1 } = answer;
        waiting?.resolve({ json: new JsonText(json, elements), elements, last });
      } else waiting?.reject(new OpsiError("BackendIOError", answer.error));
    });
    let reason = "The reading thread ended";
    worker.on("error", (error) => {
      reason = String(error);
    });
    // Always follows an error; what is asked in between is lost with the thread.
    worker.on("exit", () => this.#fail(reason));
    return worker;
  }

  #fail(message: string): void {
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new OpsiError("BackendIOError", message));
    this.#waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }
}
