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
}

export type BulkAnswer =
  | { readonly id: number; readonly json: Uint8Array; readonly elements: number }
  | { readonly id: number; readonly error: string };

interface Waiting {
  resolve(json: JsonText): void;
  reject(error: Error): void;
}

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
  read(...statements: readonly Fragment[]): Promise<JsonText> {
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    const request: BulkRequest = { id, statements };
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
      if ("json" in answer) waiting?.resolve(new JsonText(answer.json, answer.elements));
      else waiting?.reject(new OpsiError("BackendIOError", answer.error));
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
