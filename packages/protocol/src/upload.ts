import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { HttpResponse } from "./http-connection.ts";

export interface UploadOptions {
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where the bytes go; ServiceClient is one. */
export interface FileSink {
  request(
    method: string,
    path: string,
    options: { headers: Record<string, string>; body: () => Readable; signal?: AbortSignal | undefined },
  ): Promise<HttpResponse>;
}

/**
 * Sends a file with PUT, streamed. The service writes as the bytes come, so an upload that fails leaves a broken file
 * there; who needs more uploads under another name and moves. (service §4.2, §4.3)
 */
export async function uploadFile(
  sink: FileSink,
  sourceFile: string,
  path: string,
  { onProgress, signal }: UploadOptions = {},
): Promise<void> {
  const { size } = await stat(sourceFile);
  const response = await sink.request("PUT", path, {
    headers: { "content-type": "binary/octet-stream", "content-length": String(size) },
    body: () => Readable.from(readCounted(sourceFile, size, onProgress), { objectMode: false }),
    signal,
  });
  response.discard();
}

/** Exactly `size` bytes, as announced, even if the file grows meanwhile; one that shrinks ends the request. */
async function* readCounted(
  file: string,
  size: number,
  onProgress: UploadOptions["onProgress"],
): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
  let sent = 0;
  for await (const chunk of createReadStream(file, { end: size - 1 })) {
    yield chunk as Uint8Array;
    sent += (chunk as Uint8Array).length;
    onProgress?.(sent, size);
  }
  if (sent < size) throw new Error(`${file} became shorter while it was sent`);
}
