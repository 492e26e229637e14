import { randomBytes } from "node:crypto";
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ServiceClient } from "./service-client.ts";
import { newCa } from "./testing/certificates.ts";
import { newService, type SeenRequest, type TestService } from "./testing/service.ts";

let folder: string;
let service: TestService;
let client: ServiceClient;
let target: string;
let counter = 0;

/** The file on the service, and after how many bytes the line breaks (per request, then never). */
let content: Buffer;
let etag: string | undefined;
let cuts: number[];
let ranges: (string | undefined)[];
let uploaded: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-download-"));
  const ca = await newCa();
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca.pem);
  service = await newService({ ca, intercept: serveFile });
  client = await ServiceClient.connect({
    url: service.url,
    username: "a.b.c",
    password: "geheim-ä",
    verify: "strict",
    caFile,
  });
});
afterAll(async () => {
  await client.close();
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  content = randomBytes(300_000);
  etag = `"${counter}-1"`;
  cuts = [];
  ranges = [];
  target = join(folder, `case-${++counter}`, "setup.exe");
});

/** One file with ranges, as the WebDAV part of a service does it. (service §4.2) */
async function serveFile({ method, url, headers, body }: SeenRequest, response: ServerResponse): Promise<boolean> {
  if (!url.startsWith("/depot/")) return false;
  if (method === "PUT") {
    uploaded = body;
    response.writeHead(201).end();
    return true;
  }
  if (url !== "/depot/setup.exe") return false;
  if (etag !== undefined) response.setHeader("etag", etag);
  ranges.push(headers.range);
  const valid = headers["if-range"] === undefined || headers["if-range"] === etag;
  const start = Number((valid && /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1]) || 0);
  if (start > 0 && start >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return true;
  }
  const rest = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": rest.length,
    ...(start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
  });
  const cut = cuts.shift();
  if (cut === undefined) response.end(rest);
  else {
    await new Promise((resolve) => response.write(rest.subarray(0, cut), resolve));
    setTimeout(() => response.destroy(), 20);
  }
  return true;
}

async function expectDone(): Promise<void> {
  expect((await readFile(target)).equals(content)).toBe(true);
  expect(await readdir(join(target, ".."))).toEqual(["setup.exe"]);
}

test("a file arrives whole, with progress", async () => {
  const seen: [number, number | null][] = [];
  await client.download("/depot/setup.exe", target, { onProgress: (...state) => void seen.push(state) });
  await expectDone();
  expect(seen.at(-1)).toEqual([300_000, 300_000]);
  expect(seen.map(([received]) => received)).toEqual(seen.map(([received]) => received).toSorted((a, b) => a - b));
});

test("a disk that takes only a part of a piece gets the rest", async () => {
  type Write = (bytes: Uint8Array, offset: number, length: number, position: number) => Promise<unknown>;
  await using probe = await open(join(folder, "ca.pem"));
  const handles = Object.getPrototypeOf(probe) as { write: Write };
  const { write } = handles;
  handles.write = function (bytes, offset, length, position) {
    return write.call(this, bytes, offset, Math.min(length, 1000), position);
  };
  try {
    await client.download("/depot/setup.exe", target);
  } finally {
    handles.write = write;
  }
  await expectDone();
});

test("an empty file is a file", async () => {
  content = Buffer.alloc(0);
  await client.download("/depot/setup.exe", target);
  await expectDone();
});

test("a line that breaks again and again loses nothing and fetches nothing twice", async () => {
  cuts = [100_000, 50_000, 0, 1];
  const seen: (number | null)[] = [];
  await client.download("/depot/setup.exe", target, { onProgress: (_received, total) => void seen.push(total) });
  await expectDone();
  expect(ranges).toEqual([undefined, "bytes=100000-", "bytes=150000-", "bytes=150000-", "bytes=150001-"]);
  expect(new Set(seen)).toEqual(new Set([300_000]));
});

test("what an earlier run left is continued", async () => {
  cuts = [120_000];
  await expect(client.download("/depot/setup.exe", target, { attempts: 1 })).rejects.toMatchObject({
    class: "OpsiServiceConnectionError",
  });
  await expect(stat(target)).rejects.toThrow("ENOENT");
  await client.download("/depot/setup.exe", target);
  await expectDone();
  expect(ranges).toEqual([undefined, "bytes=120000-"]);
});

test("another version on the service is fetched from the start", async () => {
  cuts = [120_000];
  await expect(client.download("/depot/setup.exe", target, { attempts: 1 })).rejects.toThrow();
  content = randomBytes(200_000);
  etag = '"new"';
  await client.download("/depot/setup.exe", target);
  await expectDone();
});

test("a part that is as long as the file, or longer, is not taken for the file", async () => {
  for (const length of [300_000, 400_000]) {
    await client.download("/depot/setup.exe", target);
    await writeFile(`${target}.part`, randomBytes(length));
    await writeFile(`${target}.part.etag`, etag ?? "");
    await client.download("/depot/setup.exe", target);
    await expectDone();
  }
});

test.each([undefined, 'W/"weak"'])("with ETag %s nothing is continued", async (tag) => {
  etag = tag;
  cuts = [120_000];
  await client.download("/depot/setup.exe", target);
  await expectDone();
  expect(ranges).toEqual([undefined, undefined]);
});

test("the old file stays until the new one is there", async () => {
  await client.download("/depot/setup.exe", target);
  const old = content;
  content = randomBytes(300_000);
  etag = '"two"';
  cuts = [10];
  await expect(client.download("/depot/setup.exe", target, { attempts: 1 })).rejects.toThrow();
  expect((await readFile(target)).equals(old)).toBe(true);
});

test("an abort leaves the part for the next time", async () => {
  const controller = new AbortController();
  const stopped = client.download("/depot/setup.exe", target, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("shutdown")),
  });
  await expect(stopped).rejects.toThrow("shutdown");
  await client.download("/depot/setup.exe", target);
  await expectDone();
});

test("a file that is not there is no reason to try again", async () => {
  await expect(client.download("/depot/none", target)).rejects.toMatchObject({ status: 404 });
});

test.each([0, 1, 300_000])("a file of %i bytes is sent", async (size) => {
  const source = join(folder, "source");
  const bytes = randomBytes(size);
  await writeFile(source, bytes);
  const seen: number[] = [];
  await client.upload(source, "/depot/up load.bin", { onProgress: (sent) => void seen.push(sent) });
  expect(uploaded.equals(bytes)).toBe(true);
  expect(service.seen.at(-1)).toMatchObject({ url: "/depot/up%20load.bin" });
  expect(service.seen.at(-1)?.headers).toMatchObject({
    "content-length": String(size),
    "content-type": "binary/octet-stream",
  });
  expect(seen.at(-1) ?? 0).toBe(size);
});
