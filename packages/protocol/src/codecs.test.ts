import * as zlib from "node:zlib";
import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bodyFromQuery,
  decodeBody,
  encodeBody,
  needsIndependentBlocks,
  requestCompression,
  requestSerialization,
  responseCompression,
  responseSerialization,
} from "./codecs.ts";
import { type Compression, compress, decompress } from "./compression.ts";
import { JsonText } from "./json-text.ts";
import { defaultLimits, LimitError } from "./limits.ts";

const compressions: Compression[] = ["identity", "gzip", "deflate", "lz4", "zstd"];

describe("which encoding (service §2.1)", () => {
  test.each<[contentType: string | undefined, accept: string | undefined, request: string, response: string]>([
    ["application/json", "application/msgpack", "json", "json"],
    ["application/msgpack", undefined, "msgpack", "msgpack"],
    ["Application/MsgPack; charset=x", undefined, "msgpack", "msgpack"],
    ["application/json; charset=UTF-8", undefined, "json", "json"],
    ["gzip-application/json-rpc", undefined, "json", "json"],
    ["text/plain", "application/msgpack", "json", "msgpack"],
    [undefined, "application/msgpack,application/json", "json", "msgpack"],
    [undefined, undefined, "json", "json"],
  ])("Content-Type %s, Accept %s", (contentType, accept, request, response) => {
    expect(requestSerialization(contentType)).toBe(request);
    expect(responseSerialization(contentType, accept)).toBe(response);
  });

  test.each<[header: string | undefined, expected: string]>([
    [undefined, "identity"],
    ["", "identity"],
    ["IDENTITY", "identity"],
    ["x-gzip", "gzip"],
    ["deflate, gzip", "deflate"],
    ["gzip, lz4", "lz4"],
    ["application/lz4", "lz4"],
    ["zstd", "zstd"],
  ])("Content-Encoding %s", (header, expected) => {
    expect(requestCompression(header)).toBe(expected);
  });

  test.each<[header: string | undefined, expected: string]>([
    [undefined, "identity"],
    ["gzip, deflate, br", "deflate"],
    ["lz4;q=0, gzip;q=1", "lz4"],
    ["*, gzip", "gzip"],
    ["gzip, deflate, br, zstd", "deflate"],
    ["zstd, lz4", "zstd"],
  ])("Accept-Encoding %s", (header, expected) => {
    expect(responseCompression(header)).toBe(expected);
  });

  test.each(["br", "*", "zstd", "identity;q=1", "BR"])("Accept-Encoding %s is an error", (header) => {
    expect(() => responseCompression(header)).toThrow(`Unhandled Content-Encoding '${header.toLowerCase()}'`);
  });

  test("lz4-java gets independent blocks", async () => {
    expect(needsIndependentBlocks("opsi config editor 4.3.2.18")).toBe(true);
    expect(needsIndependentBlocks("opsi-configed/4")).toBe(true);
    expect(needsIndependentBlocks("opsiclientd")).toBe(false);
    const bytes = Buffer.alloc(200_000, "opsi ");
    const flags = async (independentBlocks: boolean) => (await compress(bytes, "lz4", { independentBlocks }))[4] ?? 0;
    expect((await flags(true)) & 0x20).toBe(0x20);
    expect((await flags(false)) & 0x20).toBe(0);
    expect(Buffer.from(await decompress(await compress(bytes, "lz4"), "lz4", 1e6)).equals(bytes)).toBe(true);
  });
});

// MessagePack renames the key that could become a prototype.
const jsonValue = fc
  .jsonValue({ maxDepth: 5 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as unknown);

describe.each(["json", "msgpack"] as const)("%s", (serialization) => {
  test.each(compressions)("what was encoded with %s decodes to the same value", async (compression) => {
    await fc.assert(
      fc.asyncProperty(jsonValue, async (value) => {
        const { bytes, headers } = await encodeBody(value, serialization, compression, { threshold: 0 });
        expect(await decodeBody(bytes, headers["content-type"], headers["content-encoding"])).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });

  test.each(compressions)("any bytes as %s give a value or a typed error", async (compression) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const magic = {
          lz4: [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
          zstd: [0x28, 0xb5, 0x2f, 0xfd],
          gzip: [31, 139, 8],
        };
        for (const start of [[], compression in magic ? magic[compression as "lz4"] : []]) {
          const body = Uint8Array.from([...start, ...bytes]);
          await decodeBody(body, `application/${serialization}`, compression).catch((error: unknown) => {
            if (!isOpsiError(error)) throw error;
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each(compressions)("every truncation of a %s body is a typed error", async (compression) => {
    const { bytes, headers } = await encodeBody(
      [{ id: "pc1.example.org" }, 70_000, "ä".repeat(40)],
      serialization,
      compression,
      { threshold: 0 },
    );
    for (let length = 0; length < bytes.length; length++) {
      const cut = decodeBody(bytes.subarray(0, length), headers["content-type"], headers["content-encoding"]);
      await expect(cut, `${length} of ${bytes.length}`).rejects.toSatisfy((error) => isOpsiError(error));
    }
  });
});

test.each([
  ["%7B%22method%22%3A%22getDomain%22%7D", '{"method":"getDomain"}'],
  ['{"method":"x","id":5}', '{"method":"x","id":5}'],
  ["%C3%A4+b%2", "ä+b%2"],
  ["%zz%", "%zz%"],
  ["", ""],
])("the query %s as a body", (query, body) => {
  expect(Buffer.from(bodyFromQuery(query)).toString()).toBe(body);
});

test("up to 10000 bytes nothing is compressed", async () => {
  const ofLength = (length: number) => new JsonText(JSON.stringify("x".repeat(length - 2)));
  expect((await encodeBody(ofLength(10_000), "json", "gzip")).headers).toEqual({ "content-type": "application/json" });
  expect((await encodeBody(ofLength(10_001), "json", "gzip")).headers).toEqual({
    "content-type": "application/json",
    "content-encoding": "gzip",
  });
});

test.each<[what: string, body: Uint8Array, encoding: string, message: string]>([
  ["nothing", Buffer.alloc(0), "", "Request data empty"],
  ["nothing, compressed", zlib.gzipSync(""), "gzip", "Request data empty"],
  ["nothing, but a wrong encoding", Buffer.alloc(0), "br", "Unhandled Content-Encoding 'br'"],
  ["JSON that claims to be zstd", Buffer.from("{}"), "zstd", "Unhandled Content-Encoding 'zstd'"],
  ["raw deflate", zlib.deflateRawSync("{}"), "deflate", "Cannot decompress deflate: incorrect header check"],
  ["gzip as LZ4", zlib.gzipSync("{}"), "lz4", "LZ4 frame is malformed: no magic number"],
  ["gzip twice", zlib.gzipSync(zlib.gzipSync("{}")), "gzip", "JSON is malformed: invalid UTF-8"],
])("%s", async (_what, body, encoding, message) => {
  await expect(decodeBody(body, undefined, encoding)).rejects.toThrow(message);
});

describe("limits", () => {
  const limits = { ...defaultLimits, compressedBytes: 100_000, decodedBytes: 1_000_000 };

  test.each(["gzip", "deflate", "lz4", "zstd"] as const)("a %s bomb is refused", async (compression) => {
    const bomb = await compress(Buffer.alloc(20_000_000), compression);
    expect(bomb.length).toBeLessThan(limits.compressedBytes);
    const before = process.memoryUsage().arrayBuffers;
    await expect(decodeBody(bomb, undefined, compression, limits)).rejects.toMatchObject({
      limit: "decodedBytes",
      maximum: 1_000_000,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  test("exactly the limit is allowed", async () => {
    for (const compression of compressions) {
      const bytes = await compress(Buffer.alloc(100_000, "ab"), compression);
      expect((await decompress(bytes, compression, 100_000)).length).toBe(100_000);
      await expect(decompress(bytes, compression, 99_999), compression).rejects.toBeInstanceOf(LimitError);
    }
  });

  test("more bytes than allowed are not even decompressed", async () => {
    await expect(decodeBody(Buffer.alloc(100_001), undefined, "gzip", limits)).rejects.toMatchObject({
      limit: "compressedBytes",
    });
  });

  test("a zstd frame cannot order memory with its header", async () => {
    // Magic, no single segment, window descriptor 2^31: refused before anything is allocated.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00]);
    await expect(decompress(frame, "zstd", 1e9)).rejects.toMatchObject({ class: "DecodeError" });
  });

  test.each([
    ["JSON", Buffer.from("[".repeat(100_000)), "json"],
    ["JSON that is complete", Buffer.from("[".repeat(300) + "]".repeat(300)), "json"],
    ["MessagePack", Buffer.alloc(100_000, 0x91), "msgpack"],
  ])("%s nested too deep", async (_what, body, serialization) => {
    await expect(decodeBody(body, `application/${serialization}`, "")).rejects.toMatchObject({ limit: "depth" });
  });

  test("brackets in texts do not nest", async () => {
    const value = ["[".repeat(500), '\\"[[['.repeat(100)];
    expect(await decodeBody(Buffer.from(JSON.stringify(value)), "application/json", "")).toEqual(value);
  });
});
