import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isOpsiError, OpsiError } from "@opsi-ts/model";
import type { HttpResponse } from "./http-connection.ts";
import { HttpError } from "./http-error.ts";
import { syncFolder } from "./sync-folder.ts";

export interface DownloadOptions {
  /** Called after each piece with the bytes that are there and the size of the whole, null if unknown. */
  readonly onProgress?: ((received: number, total: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How many requests in a row may bring nothing new before it is given up; default 5. */
  readonly attempts?: number | undefined;
}

/** Where the bytes come from; ServiceClient is one. */
export interface FileSource {
  get(
    path: string,
    options: { headers: Record<string, string>; range?: { start: number }; signal?: AbortSignal | undefined },
  ): Promise<HttpResponse>;
}

/**
 * Copies a file of the service to disk. The bytes go to `<targetFile>.part`, beside which `<targetFile>.part.etag`
 * names the version they belong to; when all are there the file is synced and renamed. A crash, a cut line or an
 * abort leaves the old target file and the part, and the next call continues there if the service still has the same
 * version (`If-Range`), else starts again. (service §4.2)
 *
 * @throws OpsiError as ServiceClient.get, OpsiServiceConnectionError if the line keeps breaking; the signal's reason
 */
export async function downloadFile(
  source: FileSource,
  path: string,
  targetFile: string,
  options: DownloadOptions = {},
): Promise<void> {
  const partFile = `${targetFile}.part`;
  const etagFile = `${partFile}.etag`;
  const attempts = options.attempts ?? 5;
  await mkdir(dirname(targetFile), { recursive: true });
  {
    await using part = await openPart(partFile);
    for (let failures = 0; ; ) {
      const before = (await part.stat()).size;
      try {
        await receive(source, path, part, etagFile, options);
        break;
      } catch (error) {
        const broken =
          isOpsiError(error, "OpsiServiceConnectionError") || isOpsiError(error, "OpsiServiceTimeoutError");
        failures = (await part.stat()).size > before ? 1 : failures + 1;
        if (!broken || options.signal?.aborted || failures >= attempts) throw error;
        await setTimeout(Math.min(5000, 200 * 2 ** failures), undefined, { signal: options.signal }).catch(() => {
          throw options.signal?.reason;
        });
      }
    }
    await part.sync();
  }
  await rename(partFile, targetFile);
  await rm(etagFile, { force: true });
  await syncFolder(dirname(targetFile));
}

async function receive(
  source: FileSource,
  path: string,
  part: FileHandle,
  etagFile: string,
  { signal, onProgress }: DownloadOptions,
): Promise<void> {
  const { size } = await part.stat();
  const etag = size === 0 ? null : await readFile(etagFile, "utf8").catch(() => null);
  const resuming = etag !== null && size > 0;
  let response: HttpResponse;
  try {
    response = await source.get(path, {
      headers: resuming ? { "if-range": etag } : {},
      ...(resuming ? { range: { start: size } } : {}),
      signal,
    });
  } catch (error) {
    if (!(resuming && error instanceof HttpError && error.status === 416)) throw error;
    // Nothing lies behind what we have: either it is all, or the file has become shorter. Ask for the whole.
    await part.truncate(0);
    await rm(etagFile, { force: true });
    return receive(source, path, part, etagFile, { signal, onProgress });
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  const continues = response.status === 206 && Number(range?.[1]) === size;
  if (response.status === 206 && !continues) {
    response.discard();
    throw new OpsiError("OpsiServiceError", `${path}: service sent another range than asked for`);
  }
  let position = continues ? size : 0;
  const length = response.headers["content-length"];
  const total =
    continues && range?.[3] !== "*" ? Number(range?.[3]) : length === undefined ? null : position + Number(length);
  if (!continues) {
    // First the old bytes go, then the name of the version comes: never both of different versions.
    await part.truncate(0);
    const version = response.headers["etag"];
    if (version === undefined || version.startsWith("W/")) await rm(etagFile, { force: true });
    else await writeFile(etagFile, version);
  }
  for await (const chunk of response.body) {
    // a disk that is nearly full takes a part without complaint
    for (let taken = 0; taken < chunk.length; ) {
      taken += (await part.write(chunk, taken, chunk.length - taken, position + taken)).bytesWritten;
    }
    position += chunk.length;
    onProgress?.(position, total);
  }
  if (total !== null && position !== total) {
    throw new OpsiError("OpsiServiceConnectionError", `${path}: ${position} of ${total} bytes received`);
  }
}

/** Neither truncates nor appends: positions are ours. */
async function openPart(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return open(path, "w+");
    throw error;
  }
}
