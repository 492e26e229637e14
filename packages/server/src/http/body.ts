import type { IncomingMessage } from "node:http";
import { Refusal } from "../auth/refusal.ts";

const empty = Buffer.alloc(0);
const idleLimit = 120_000;

/** Bodies that are still on their way, with the time of their last piece. */
const arriving = new Map<IncomingMessage, number>();

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
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > smallBytes) {
      held += size - counted;
      counted = size;
    }
    if (size > limit || held > heldLimit) {
      const refusal = size > limit ? tooLarge(limit) : tooMany();
      letGo();
      arriving.delete(request);
      request.removeAllListeners("data");
      request.pause();
      onError(refusal);
    } else if (first === null) {
      first = chunk;
      if (size !== declared) arriving.set(request, Date.now());
    } else {
      arriving.set(request, Date.now());
      if (more === null) more = [first];
      more.push(chunk);
    }
  });
  request.on("end", () => {
    letGo();
    if (more !== null || size !== declared) arriving.delete(request);
    onBody(more === null ? (first ?? empty) : Buffer.concat(more, size));
  });
  // one listener for everything that can go wrong: without one for `error` node only closes
  request.on("close", () => {
    letGo();
    if (request.complete) return;
    arriving.delete(request);
    onError(request.errored ?? new Error("The connection ended before the request was complete"));
  });
}

/** Cuts connections whose body stopped coming; looked at twice a minute, because a timer per request would cost more. */
export function watchBodies(): Disposable {
  const timer = setInterval(() => {
    const oldest = Date.now() - idleLimit;
    for (const [request, last] of arriving) if (last < oldest) request.destroy();
  }, 30_000);
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
