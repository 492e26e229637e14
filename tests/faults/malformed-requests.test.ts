import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { encodeBody } from "@opsi-ts/protocol";
import { compressFrameSync } from "lz4-napi";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { admin, client, FaultSite, own, tolerableWait, whileWatched } from "./fault-site.ts";
import { seed } from "./seed.ts";

/* What is no request is answered as such, quickly, and leaves everything as it was. (service 2.1, 2.2) */

let site: FaultSite;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  site = await FaultSite.start();
  await seed(site);
  await site.call(client, "backend_info");
  before = site.snapshot();
});
afterEach(async () => {
  expect(site.snapshot()).toEqual(before);
  const { status, milliseconds } = await site.send("GET", "/status/short");
  expect(status).toBe(200);
  expect(milliseconds).toBeLessThan(tolerableWait);
});
afterAll(() => site[Symbol.asyncDispose]());

const json = { "content-type": "application/json" };
const msgpack = { "content-type": "application/msgpack" };

/** Sends a body as a client and reads the error of the answer. */
async function post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = json) {
  const answer = await site.send("POST", "/rpc", { login: client, headers, body });
  const text = headers["content-type"] === msgpack["content-type"] ? "" : answer.text;
  const error = text === "" ? null : (JSON.parse(text) as { error: { class: string; message: string } | null }).error;
  return { ...answer, error };
}

/** Would change something if it were understood. */
const call = JSON.stringify({
  id: 1,
  method: "host_updateObject",
  params: [{ type: "OpsiClient", id: own.id, notes: "!" }],
});

describe("JSON that is none", () => {
  test.each<[what: string, body: string | Uint8Array, errorClass: string]>([
    ["a truncated object", call.slice(0, -2), "DecodeError"],
    ["text behind it", `${call}x`, "DecodeError"],
    ["two values", `${call}${call}`, "DecodeError"],
    ["single quotes", call.replaceAll('"', "'"), "DecodeError"],
    ["a trailing comma", call.replace("}]", "},]"), "DecodeError"],
    ["a comment", `/* */${call}`, "DecodeError"],
    ["a byte order mark", `\ufeff${call}`, "DecodeError"],
    ["NaN", call.replace('"!"', "NaN"), "DecodeError"],
    ["a lone surrogate", call.replace("!", "\\ud800"), "DecodeError"],
    ["surrogates the wrong way round", call.replace("!", "\\udc00\\ud800"), "DecodeError"],
    ["bytes that are no UTF-8", Buffer.from(call.replace("!", "\xff"), "latin1"), "DecodeError"],
    [
      "overlong UTF-8",
      Buffer.concat([Buffer.from('{"method":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
      "DecodeError",
    ],
    ["a raw line end in a text", call.replace("!", "\n"), "DecodeError"],
    ["a raw NUL", call.replace("!", "\0"), "DecodeError"],
    ["only blanks", "   ", "DecodeError"],
    ["nothing", "", "ValueError"],
    ["a number", "1", "AttributeError"],
    ["a text", '"host_getObjects"', "AttributeError"],
    ["null", "null", "AttributeError"],
    ["an array of numbers", "[1,2]", "AttributeError"],
    ["an array with an array", `[${call},[]]`, "AttributeError"],
    ["no method", '{"id":1,"params":[]}', "KeyError"],
    ["a batch of which one has no method", `[${call},{"id":2}]`, "KeyError"],
    ["100 000 brackets", "[".repeat(100_000), "ValueError"],
    ["100 000 closed brackets", "[".repeat(100_000) + "]".repeat(100_000), "ValueError"],
    ["100 000 objects in each other", '{"a":'.repeat(100_000), "ValueError"],
    ["a million arrays", `{"method":"x","params":[${"[],".repeat(1_000_000)}1]}`, "ValueError"],
  ])("%s", async (_what, body, errorClass) => {
    const { status, error, milliseconds } = await post(body);
    expect(status).toBe(400);
    expect(error).toMatchObject({ class: errorClass, details: null });
    expect(milliseconds).toBeLessThan(tolerableWait);
  });

  test("the error does not quote what may be a password", async () => {
    const { text } = await post('{"method":"user_setCredentials","params":["x","Top-Secret-1",]}');
    expect(text).not.toContain("Top-Secret");
  });
});

test.each<[what: string, query: string, status: number]>([
  ["a broken escape", "%", 400],
  ["no UTF-8", "%ff%fe", 400],
  ["no JSON", "method=host_delete", 400],
  ["half of it", encodeURIComponent(call.slice(0, 20)), 400],
])("a call in the query that is %s", async (_what, query, status) => {
  const answer = await site.send("GET", `/rpc?${query}`, { login: client });
  expect(answer.status).toBe(status);
  expect(answer.text).toContain('"class":"DecodeError"');
});

describe("MessagePack that is none", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  test.each<[what: string, body: Uint8Array]>([
    ["a truncated map", bytes(0x82, 0xa1, 0x61)],
    ["a map of four thousand million", bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ["an array of four thousand million", bytes(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ["a text of four thousand million bytes", bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ["a byte that means nothing", bytes(0xc1)],
    ["an extension", bytes(0xd4, 0x01, 0x00)],
    ["a record of the library", bytes(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
    ["a text that is no UTF-8", bytes(0x81, 0xa6, ...Buffer.from("method"), 0xa1, 0xff)],
    ["bytes behind the value", bytes(0x80, 0x80)],
    ["100 000 arrays in each other", new Uint8Array(100_000).fill(0x91)],
    ["a map as key", bytes(0x81, 0x80, 0x01)],
    ["JSON", Buffer.from(call)],
    ["nothing", bytes()],
  ])("%s", async (_what, body) => {
    const { status, milliseconds } = await post(body, msgpack);
    expect(status).toBe(400);
    expect(milliseconds).toBeLessThan(tolerableWait);
  });
});

describe("compression that does not fit", () => {
  const body = Buffer.from(call.padEnd(5000));
  const compressed = {
    gzip: gzipSync(body),
    deflate: deflateSync(body),
    lz4: compressFrameSync(body),
    zstd: zstdCompressSync(body),
  };
  const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 0xff : byte));
  const cases = Object.entries(compressed).flatMap(([name, bytes]) => [
    [`${name}, truncated`, name, bytes.subarray(0, -9)] as const,
    [`${name}, only its first bytes`, name, bytes.subarray(0, 5)] as const,
    [`${name}, damaged`, name, flipped(bytes)] as const,
    [`${name} that is plain text`, name, body] as const,
    [`${name}, empty`, name, new Uint8Array()] as const,
  ]);
  test.each<readonly [what: string, encoding: string, body: Uint8Array]>([
    ...cases,
    ["raw deflate", "deflate", deflateRawSync(body)],
    ["an unknown encoding", "br", body],
    ["a list", "gzip, br", body],
    ["nonsense", "\u00ff\u00fe", body],
    ["gzip as zstd", "zstd", compressed.gzip],
    ["lz4 with a dictionary", "lz4", Buffer.from("04224d18614070730000000000", "hex")],
  ])("%s", async (_what, encoding, bytes) => {
    const { status, error } = await post(bytes, { ...json, "content-encoding": encoding });
    expect(status).toBe(400);
    expect(error?.class).toMatch(/ValueError|DecodeError/);
  });

  test.each(["br", "zstd", "*", "identity;q=1", "\u00e4"])("an answer in %s is no answer", async (accepted) => {
    const { status, error } = await post(call, { ...json, "accept-encoding": accepted });
    expect(status).toBe(400);
    expect(error?.class).toBe("ValueError");
  });
});

describe("a gigabyte out of some kilobytes", () => {
  const zeros = Buffer.alloc(1 << 30, 0x20);
  const bombs = {
    gzip: gzipSync(zeros, { level: 9 }),
    deflate: deflateSync(zeros, { level: 9 }),
    lz4: compressFrameSync(zeros),
    zstd: zstdCompressSync(zeros),
  };

  test.each(Object.entries(bombs))("%s", async (encoding, bomb) => {
    const { now } = site.memory();
    site.resetHighestMemory();
    const headers = { ...json, "content-encoding": encoding };
    const { result, longest } = await whileWatched(site, post(bomb, headers));
    expect(result.status).toBe(400);
    expect(result.error?.message).toMatch(/^Body is larger than \d+ bytes after decompression$/);
    expect(result.milliseconds).toBeLessThan(4 * tolerableWait);
    expect(longest).toBeLessThan(tolerableWait);
    expect(site.memory().highest - now).toBeLessThan(200);
  });

  test("sixteen at once take the memory of one", async () => {
    const { now } = site.memory();
    site.resetHighestMemory();
    const headers = { ...json, "content-encoding": "gzip" };
    const work = Promise.all(Array.from({ length: 16 }, () => post(bombs.gzip, headers)));
    const { result, longest } = await whileWatched(site, work);
    expect(result.map(({ status }) => status)).toEqual(Array(16).fill(400));
    expect(longest).toBeLessThan(tolerableWait);
    expect(site.memory().highest - now).toBeLessThan(200);
  });
});

describe("large bodies", () => {
  test.each([
    ["of known length", { "content-length": "50000000" }],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("50 MB %s are refused with the documented limit while others are served", async (_what, given) => {
    const headers: Record<string, string> = { ...json, ...given };
    const sending = site.send("POST", "/rpc", { login: client, headers, body: Buffer.alloc(50_000_000, 0x20) });
    const { result, longest } = await whileWatched(site, sending);
    expect(result.status).toBe(413);
    expect(result.text).toContain("The body of the request is larger than 32 MB (option max-request-size)");
    expect(longest).toBeLessThan(tolerableWait);
  });

  test("20 MB are read while others are served", async () => {
    const params = Array.from(
      { length: 200_000 },
      (_, index) => `a text with the number ${index} and some more words to it`,
    );
    const body = JSON.stringify({ id: 1, method: "nothing", params: [params] }).padEnd(20_000_000);
    const { result, longest } = await whileWatched(site, post(body));
    expect(result.error?.message).toBe("Invalid method 'nothing'");
    expect(longest).toBeLessThan(tolerableWait);
  });
});

describe("envelopes", () => {
  test("10 000 calls in a batch are answered in order while others are served", async () => {
    const calls = Array.from({ length: 10_000 }, (_, id) => ({
      id: `n${id}`,
      method: "host_getObjects",
      params: [["id"], { id: own.id }],
    }));
    const { result, longest } = await whileWatched(site, post(JSON.stringify(calls)));
    const answers = JSON.parse(result.text) as { id: string; error: unknown }[];
    expect(answers.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
    expect(answers.every(({ error }) => error === null)).toBe(true);
    expect(longest).toBeLessThan(tolerableWait);
  });

  test.each<[id: string, echoed: string]>([
    ["null", "0"],
    ['""', "0"],
    ["false", "0"],
    ["[]", "0"],
    ["{}", "0"],
    ["-1.5", "-1.5"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["true", "true"],
    ['["a",{"b":[null]}]', '["a",{"b":[null]}]'],
    ['{"__proto__":{"id":5}}', '{"__proto__":{"id":5}}'],
    ['"a\\u0000\\n\\"<script>"', '"a\\u0000\\n\\"<script>"'],
  ])("the id %s comes back as %s", async (id, echoed) => {
    const { text } = await post(`{"id":${id},"method":"accessControl_userIsAdmin"}`);
    expect(text).toBe(`{"id":${echoed},"result":false,"error":null}`);
  });

  test("of two keys the last one counts, members of the prototype are none", async () => {
    const twice = await post(
      '{"method":"host_delete","method":"accessControl_userIsAdmin","params":["*"],"params":[]}',
    );
    expect(twice.text).toContain('"result":false');
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const hidden = await post(`{"${key}":{"method":"accessControl_userIsAdmin","id":1}}`);
      expect(hidden.error).toMatchObject({ class: "KeyError" });
    }
  });

  test.each<[params: string, errorClass: string]>([
    ['{"__proto__":1}', "TypeError"],
    ['{"constructor":1}', "TypeError"],
    ['{"hasOwnProperty":1}', "TypeError"],
    ['{"self":1}', "TypeError"],
    ["[1,2,3]", "TypeError"],
    ['"text"', "TypeError"],
    ["1", "TypeError"],
    ["true", "TypeError"],
  ])("parameters %s of a method without any", async (params, errorClass) => {
    const { error } = await post(`{"id":1,"method":"accessControl_userIsAdmin","params":${params}}`);
    expect(error).toMatchObject({ class: errorClass });
  });

  test.each([
    "",
    "nothing",
    "toString",
    "constructor",
    "__proto__",
    "host_getObjects ",
    "HOST_GETOBJECTS",
    "host_getObjects\0",
    "../rpc",
    "x".repeat(100_000),
    "\u202e",
    "a\r\nb",
  ])("the method %j does not exist", async (method) => {
    const { error, status } = await post(JSON.stringify({ id: 1, method, params: [] }));
    expect([status, error?.class]).toEqual([200, "ValueError"]);
    expect(error?.message).toBe(`Invalid method '${method}'`);
  });

  test.each([null, 1, [], {}, true])("the method %j does not exist either", async (method) => {
    expect((await post(JSON.stringify({ id: 1, method }))).error?.class).toBe("ValueError");
  });
});

test("MessagePack with what JSON does not have: bytes, times, great numbers, keys of the prototype", async () => {
  const values = [
    new Uint8Array(9),
    new Date(0),
    2n ** 63n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    { constructor: 1 },
  ];
  for (const value of values) {
    for (const params of [[value], [[], { id: value }], [[], { notes: value }], [{ type: "OpsiClient", id: value }]]) {
      for (const method of ["host_getObjects", "host_updateObject", "log_read"]) {
        const { bytes, headers } = await encodeBody({ id: 1, method, params }, "msgpack", "identity");
        const { body } = await site.send("POST", "/rpc", { login: admin, headers, body: bytes });
        expect([method, params, body.includes("Internal server error")]).toEqual([method, params, false]);
      }
    }
  }
});

test.each<[path: string, body: string, contentType: string]>([
  ["/auth/login", "[".repeat(60_000), "application/json"],
  ["/auth/login", '{"username":"boss"}', "application/json"],
  ["/auth/login", '{"username":["boss"],"password":{}}', "application/json"],
  ["/auth/login", '{"__proto__":{"username":"boss","password":"x"}}', "application/json"],
  ["/auth/login", "username=boss&password=x", "application/x-www-form-urlencoded"],
  ["/auth/login", "\u0000", "application/json"],
  ["/auth/login", "x".repeat(70_000), "application/json"],
])("%s refuses %.30s as %s", async (path, body, contentType) => {
  const { status } = await site.send("POST", path, { headers: { "content-type": contentType }, body });
  expect([401, 413, 422]).toContain(status);
});
