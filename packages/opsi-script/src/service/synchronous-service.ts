import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { AnswerMessage, CallMessage, ServiceLogin } from "./messages.ts";
import { type Service, ServiceProblem } from "./service.ts";

const defaultTimeoutMilliseconds = 300_000;
/** The worker answers within the call's timeout; if it does not, something is wrong with it. */
const graceMilliseconds = 30_000;

/**
 * Calls of the opsi service that block until the answer is there. The language is synchronous, the client is not: it
 * lives in a worker thread, and this thread sleeps until it is woken.
 */
export class SynchronousService implements Service {
  readonly url: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  lastError: { readonly class: string; readonly message: string } | null = null;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  #calls = 0;

  constructor(login: ServiceLogin, clientId: string) {
    this.url = login.url;
    this.username = login.username;
    this.password = login.password;
    this.clientId = clientId;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { port: port2, signal: this.#signal, login },
      transferList: [port2],
    });
    worker.on("error", () => {}); // told to the caller of the next call by its missing answer
    worker.unref();
    port1.unref();
  }

  call(method: string, parameters: readonly unknown[], timeoutSeconds?: number): unknown {
    const timeoutMilliseconds = timeoutSeconds === undefined ? defaultTimeoutMilliseconds : timeoutSeconds * 1000;
    const message: CallMessage = { id: ++this.#calls, method, parameters, timeoutMilliseconds };
    this.#port.postMessage(message);
    const answer = this.#answerTo(message.id, Date.now() + timeoutMilliseconds + graceMilliseconds);
    if (answer?.kind === "result") {
      this.lastError = null;
      return answer.value;
    }
    const {
      class: errorClass,
      message: text,
      details,
    } = answer ?? {
      class: "OpsiServiceTimeoutError",
      message: `No answer to ${method}`,
      details: null,
    };
    this.lastError = { class: errorClass, message: text };
    throw new ServiceProblem(errorClass, text, details);
  }

  /** An answer that came after its call was given up must not be taken for the next call's. */
  #answerTo(id: number, end: number): AnswerMessage | undefined {
    for (;;) {
      Atomics.store(this.#signal, 0, 0); // in front of the look: an answer that comes later wakes us
      const answer = receiveMessageOnPort(this.#port)?.message as AnswerMessage | undefined;
      if (answer?.id === id) return answer;
      if (!answer && Atomics.wait(this.#signal, 0, 0, Math.max(0, end - Date.now())) === "timed-out") return undefined;
    }
  }

  /** The worker logs out and ends, while this thread goes on. */
  close(): void {
    this.#port.close();
  }
}
