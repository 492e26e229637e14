import type { IncomingMessage } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import { Refusal } from "../auth/refusal.ts";

const empty = Buffer.alloc(0);

/** Bytes that all bodies together may hold in memory while they arrive. Small ones do not count. */
const heldLimit = 256_000_000;
const smallBytes = 1_000_000;
let held = 0;

/**
 * The whole body of a request in one piece.
 *
 * @param limit bytes
 * @throws Refusal 413 as soon as it is known to be too large, 503 while too many others are; an error if the connection ends before the body
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => collectBody(request, limit, resolve, reject));
}

/** The same without a promise, for the hot path (bench one-host). */
export function collectBody(
  request: IncomingMessage,
  limit: number,
  onBody: (body: Buffer) => void,
  onError: (error: unknown) => void,
): void {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  const declared = length === undefined ? -1 : Number(length);
  if (declared === 0 || (declared < 0 && coding === undefined)) {
    request.resume();
    onBody(empty);
    return;
  }
  if (declared > limit) {
    onError(tooLarge(limit));
    return;
  }
  let first: Buffer | null = null;
  let more: Buffer[] | null = null;
  let size = 0;
  let counted = 0;
  const letGo = () => {
    held -= counted;
    counted = 0;
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > smallBytes) {
      held += size - counted;
      counted = size;
    }
    if (size > limit || held > heldLimit) {
      letGo();
      first = more = null;
      request.off("data", onData);
      request.off("end", onEnd);
      dropRest(request);
      onError(size > limit ? tooLarge(limit) : tooMany());
    } else if (first === null) {
      first = chunk;
    } else {
      if (more === null) more = [first];
      more.push(chunk);
    }
  };
  const onEnd = () => {
    letGo();
    onBody(more === null ? (first ?? empty) : Buffer.concat(more, size));
  };
  request.on("data", onData);
  request.on("end", onEnd);
  // one listener for everything that can go wrong: without one for `error` node only closes
  request.on("close", () => {
    letGo();
    if (request.complete) return;
    onError(request.errored ?? new Error("The connection ended before the request was complete"));
  });
}

/** The body piece by piece. A reader who stops early leaves the connection fit for an answer. */
export async function* bodyPieces(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } finally {
    dropRest(request);
  }
}

/**
 * Reads and drops what is left of a body, so that the caller can read the answer while still sending; cutting at once
 * would reset the connection under it. After some seconds enough was read.
 */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  request.resume();
  const timer = setTimeout(() => void (request.complete || socket.destroy()), 5000);
  timer.unref();
}

/**
 * Cuts connections on which the body of a request stopped coming, whoever reads it. All are looked at from time to time,
 * because a timer per request would cost more. What lies here unread is our delay and not the caller's.
 */
export function watchBodies(server: HttpsServer, idleSeconds: number): Disposable {
  const connections = new Map<Socket, { request: IncomingMessage; bytes: number; since: number }>();
  server.on("request", (request) => {
    const { socket } = request;
    const known = connections.get(socket);
    if (known !== undefined) {
      known.request = request;
      return;
    }
    connections.set(socket, { request, bytes: 0, since: 0 });
    socket.once("close", () => connections.delete(socket));
  });
  const look = () => {
    const now = Date.now();
    for (const [socket, state] of connections) {
      const { request, bytes, since } = state;
      if (socket.bytesRead !== bytes || request.complete || request.readableLength > 0) {
        state.bytes = socket.bytesRead;
        state.since = now;
      } else if (now - since > idleSeconds * 1000) {
        socket.destroy();
      }
    }
  };
  const timer = setInterval(look, Math.min(30_000, idleSeconds * 250));
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function tooMany(): Refusal {
  return new Refusal(503, "Too many large requests at once, please try again later", { retryAfter: 10 });
}

function tooLarge(limit: number): Refusal {
  const text = `The body of the request is larger than ${Math.floor(limit / 1_000_000)} MB (option max-request-size)`;
  return new Refusal(413, text, { class: "ValueError" });
}
