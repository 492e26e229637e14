import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { isOpsiError } from "@opsi-ts/model";
import { RemoteError, ServiceClient } from "@opsi-ts/protocol";
import type { Answer, AnswerMessage, CallMessage, ServiceLogin } from "./messages.ts";

/**
 * The asynchronous side of SynchronousService: makes the calls that arrive on the port, one after the other, and wakes
 * the waiting thread after each answer.
 */
const { port, signal, login } = workerData as { port: MessagePort; signal: Int32Array; login: ServiceLogin };

let client: Promise<ServiceClient> | null = null;

function connect(): Promise<ServiceClient> {
  const { url, username, password, userAgent, caFile } = login;
  return ServiceClient.connect({
    url,
    username,
    password,
    userAgent,
    ...(caFile === null ? { verify: "none" } : { verify: "strict", caFile }),
  });
}

async function answer({ method, parameters, timeoutMilliseconds }: CallMessage): Promise<Answer> {
  try {
    client ??= connect();
    const connected = await client;
    const value = await connected.call<unknown>(method, [...parameters], { timeoutMilliseconds });
    if (method === "backend_exit") client = null; // the session is over
    return { kind: "result", value };
  } catch (error) {
    if (error instanceof RemoteError) {
      const { remoteClass, remoteMessage, details } = error;
      return { kind: "error", class: remoteClass, message: remoteMessage, details };
    }
    await client?.catch(() => {
      client = null; // the next call tries to log in again
    });
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "error", class: isOpsiError(error) ? error.class : "OpsiRpcError", message, details: null };
  }
}

port.on("message", (message: CallMessage) => {
  void answer(message).then((reply) => {
    port.postMessage({ ...reply, id: message.id } satisfies AnswerMessage);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
});

// without it a script that logs in again and again would use up the sessions that a service allows an address
port.on("close", () => void client?.then((connected) => connected.close()).catch(() => {}));
