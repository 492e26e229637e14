import type { Transform } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { ChunkPool } from "./chunk-pool.ts";

/** So many chunks are prepared ahead. With `pipeline` the next ones would only be made when all were consumed. */
const ahead = 3;

/**
 * Sends chunks through a transform stream such as a compressor, which works in a thread of its own, and prepares the
 * next chunks meanwhile. Making a package of many small files takes two thirds of the time that `pipeline` needs.
 *
 * @param pool gets the source's chunks back when they are used up
 */
export async function* transformChunks(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
  signal?: AbortSignal,
  pool?: ChunkPool,
): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const feeding = feed(source, transform, signal, pool).catch((error: unknown) => {
    failure = error;
    transform.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of transform) {
      signal?.throwIfAborted();
      yield chunk;
    }
    await feeding;
  } catch (error) {
    throw failure ?? error;
  } finally {
    transform.destroy();
    await feeding;
  }
}

async function feed(
  source: AsyncIterable<Uint8Array>,
  transform: Transform,
  signal?: AbortSignal,
  pool?: ChunkPool,
): Promise<void> {
  let waiting = 0;
  let wake = () => {};
  transform.once("close", () => wake());
  for await (const chunk of source) {
    signal?.throwIfAborted();
    if (transform.destroyed) return;
    waiting++;
    transform.write(chunk, () => {
      waiting--;
      pool?.give(chunk);
      wake();
    });
    // The source may never wait for anything, and the compressor needs the event loop to go on
    await setImmediate();
    while (waiting >= ahead && !transform.destroyed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  }
  if (!transform.destroyed) transform.end();
}
