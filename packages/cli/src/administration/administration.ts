import { Readable } from "node:stream";
import type { Context } from "../context.ts";

/** Bytes of an answer: ten thousand sessions are four million. */
const maxAnswer = 100_000_000;

/**
 * Asks a page below `/admin/` of the service, or sends it `body` as JSON. (service §1.7)
 *
 * @throws HttpError also when somebody is no administrator
 */
export async function administration<T>(context: Context, page: string, body?: object): Promise<T> {
  const service = await context.service();
  const { signal } = context;
  const path = `/admin/${page}`;
  if (body === undefined) return read<T>(await service.get(path, { signal }));
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = { "content-type": "application/json", "content-length": String(bytes.length) };
  return read<T>(await service.request("POST", path, { headers, body: () => Readable.from([bytes]), signal }));
}

async function read<T>(response: { bytes(maximum: number): Promise<Uint8Array> }): Promise<T> {
  return JSON.parse(Buffer.from(await response.bytes(maxAnswer)).toString()) as T;
}
