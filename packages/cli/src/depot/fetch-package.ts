import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { OpsiError } from "@opsi-ts/model";
import { md5OfFile, parsePackageFileName } from "@opsi-ts/opsi-package";

export interface FetchOptions {
  readonly onProgress: (received: number, total: number | null) => void;
  readonly signal: AbortSignal;
}

/** An address without what may be secret: user and password, and a query, which may sign it. */
export function shownAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

/**
 * Downloads a package from a web server into a folder. If there is an `.md5` beside it, the package must fit.
 * User and password in the address are those of the web server.
 * (packages §6.2, package install)
 *
 * @returns the file
 * @throws OpsiError OpsiServiceError naming the address and its status; BackendIOError for another MD5 sum
 */
export async function fetchPackage(address: string, folder: string, options: FetchOptions): Promise<string> {
  const url = new URL(address);
  const shown = shownAddress(address);
  const headers = takeLogin(url);
  const name = decodeURIComponent(basename(url.pathname));
  if (parsePackageFileName(name) === null || !name.endsWith(".opsi") || /[\\/]/.test(name)) {
    throw new OpsiError("ValueError", `'${shown}' does not end in the name of a package`);
  }
  const response = await get(url, headers, options.signal);
  if (response === null || response.body === null) throw new OpsiError("OpsiServiceError", `${shown}: not found`);
  const length = response.headers.get("content-length");
  const total = length === null || response.headers.has("content-encoding") ? null : Number(length);
  const file = join(folder, name);
  let received = 0;
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        received += chunk.length;
        options.onProgress(received, total);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: "wx" }),
    { signal: options.signal },
  );
  url.pathname += ".md5";
  const expected = /^[0-9a-f]{32}/i
    .exec((await (await get(url, headers, options.signal))?.text()) ?? "")?.[0]
    .toLowerCase();
  if (expected !== undefined && (await md5OfFile(file, options.signal)) !== expected) {
    throw new OpsiError("BackendIOError", `${shown}: the package does not fit the MD5 sum beside it`);
  }
  return file;
}

/** `fetch` takes them from no address. */
function takeLogin(url: URL): Record<string, string> {
  if (url.username === "" && url.password === "") return {};
  const login = [url.username, url.password].map(decodeURIComponent).join(":");
  url.username = url.password = "";
  return { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
}

/** Null if there is no such file. */
async function get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response | null> {
  let response: Response;
  try {
    response = await fetch(url, { headers, signal });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new OpsiError("OpsiServiceConnectionError", `${url.origin}: ${cause}`, { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw new OpsiError("OpsiServiceError", `${shownAddress(url.href)}: ${response.status} ${response.statusText}`);
}
