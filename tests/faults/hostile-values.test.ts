import { families, type ObjectType, objectTypes } from "@opsi-ts/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin, basic, FaultSite, other, own, tolerableWait } from "./fault-site.ts";
import { seed } from "./seed.ts";
import { callsOf, methodsOf } from "./sweep.ts";

/* Values that nobody should send get an error that says what is wrong, and change nothing. (objects 1, 5.1; methods) */

let site: FaultSite;
beforeAll(async () => {
  site = await FaultSite.start();
  await seed(site);
});
afterAll(() => site[Symbol.asyncDispose]());

const nested = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`) as unknown;
const hostile: readonly unknown[] = [
  ...[
    "",
    " ",
    "\0",
    "a\0b",
    "../../../etc/passwd",
    "'; DROP TABLE HOST; --",
    "%",
    "_",
    "*",
    "\\",
    '"',
    "<script>alert(1)</script>",
  ],
  ...[
    "${process.exit()}",
    "{{7*7}}",
    "$(reboot)",
    "a\r\nb",
    "\u202e\u2028",
    "\ud83d\ude00",
    "x".repeat(70_000),
    "__proto__",
    "constructor",
  ],
  ...["NaN", "-1", "1e999", "99999999-99-99 99:99:99", "00:00:00:00:00:00:00", "fe80::1%eth0", "None", "undefined"],
  ...[0, -1, 1.5, 2 ** 53, -(2 ** 53), 1e308, true, false, null],
  ...[
    [],
    [null],
    [[]],
    [["a"], ["b"]],
    nested,
    {},
    { type: "OpsiClient" },
    { type: ["OpsiClient"] },
    { type: "constructor" },
  ],
  JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}'),
];

/** Does this value break the rule of the attribute, so that it has to be refused? */
function isRefused(type: ObjectType, attribute: string, value: unknown): boolean {
  const rule = type.attributes[attribute]?.rule;
  try {
    rule?.coerce(value);
    return false;
  } catch {
    return true;
  }
}

const refusal =
  /^(ValueError|TypeError|KeyError|IndexError|AttributeError|Backend\w+Error|Opsi\w+Error|License\w+Error)$/;

describe("objects with an attribute that breaks its rule are refused, with all that came along", () => {
  test.each(families.map(({ prefix }) => prefix))("%s", async (prefix) => {
    const examples = (await site.must(`${prefix}_getObjects`)) as Record<string, unknown>[];
    const [example] = examples;
    if (example === undefined) throw new Error(`the seed has no ${prefix}`);
    const type = objectTypes.get(String(example["type"]));
    if (type === undefined) throw new Error(String(example["type"]));
    const before = site.snapshot();
    let tried = 0;
    for (const attribute of Object.keys(type.attributes)) {
      for (const value of hostile) {
        if (value === null || !isRefused(type, attribute, value)) continue;
        const { ident: _ident, ...values } = example;
        const broken = { ...values, [attribute]: value };
        for (const method of ["createObjects", "updateObjects"]) {
          const { error } = await site.call(admin, `${prefix}_${method}`, [values, broken]);
          expect([attribute, value, error?.class ?? "none"]).toEqual([
            attribute,
            value,
            expect.stringMatching(refusal),
          ]);
          expect(error?.message.length).toBeGreaterThan(10);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(10);
    expect(site.snapshot()).toEqual(before);
  });
});

describe("texts that are too long are refused, nothing is cut", () => {
  test.each<[method: string, attribute: string, object: Record<string, unknown>]>([
    ["host_createObjects", "notes", { type: "OpsiClient", id: "new.corpus.test", notes: "x".repeat(8193) }],
    ["host_createObjects", "description", { type: "OpsiClient", id: "new.corpus.test", description: "ä".repeat(101) }],
    [
      "host_createObjects",
      "inventoryNumber",
      { type: "OpsiClient", id: "new.corpus.test", inventoryNumber: "1".repeat(65) },
    ],
    ["host_createObjects", "id", { type: "OpsiClient", id: `a.${"b".repeat(60)}.${"c.".repeat(120)}test` }],
    ["config_createObjects", "id", { type: "UnicodeConfig", id: "c".repeat(201) }],
    [
      "product_createObjects",
      "name",
      { type: "LocalbootProduct", id: "long", productVersion: "1", packageVersion: "1", name: "n".repeat(129) },
    ],
    ["group_createObjects", "id", { type: "HostGroup", id: "g".repeat(256) }],
    ["licenseContract_createObjects", "partner", { type: "LicenseContract", id: "c", partner: "p".repeat(101) }],
  ])("%s with a long %s", async (method, attribute, object) => {
    const before = site.snapshot();
    const { error } = await site.call(admin, method, [object]);
    expect(error?.class).toMatch(/BackendBadValueError|ValueError/);
    expect(error?.message).toMatch(new RegExp(`'${attribute}'|Bad`));
    expect(site.snapshot()).toEqual(before);
  });

  test("the longest that fits comes back whole", async () => {
    const notes = `${"ä😀".repeat(4096)}`;
    await site.must("host_updateObject", { type: "OpsiClient", id: own.id, notes });
    const [host] = (await site.must("host_getObjects", ["notes"], { id: own.id })) as { notes: string }[];
    expect(host?.notes).toBe(notes);
  });
});

describe("filters", () => {
  test.each(families.map(({ prefix }) => prefix))("%s: an attribute that there is none is an error", async (prefix) => {
    const names = [
      "nothing",
      "__proto__",
      "constructor",
      "1=1",
      "id; DROP TABLE HOST",
      "id\0",
      '"',
      "hostId = 'x' OR \"hostId\"",
      "",
    ];
    for (const name of names) {
      const filter = Object.fromEntries([[name, "x"]]);
      const { error } = await site.call(admin, `${prefix}_getObjects`, [], filter);
      expect([name, error?.class]).toEqual([name, "ValueError"]);
    }
  });

  test.each<[what: string, value: unknown, finds: number]>([
    ["a quote", "'", 0],
    ["the end of a statement", "'; DELETE FROM HOST; --", 0],
    ["a condition", "' OR '1'='1", 0],
    ["a condition with double quotes", '" OR "1"="1', 0],
    ["a comment", "x' /*", 0],
    ["a union", "x' UNION SELECT opsiHostKey FROM HOST --", 0],
    ["a NUL", "pc1.corpus.test\0", 0],
    ["a wildcard of SQL", "pc_.corpus.test", 0],
    ["a wildcard of opsi", "pc?.corpus.test", 0],
    ["many wildcards", `${"*a".repeat(2000)}*`, 0],
    ["an operator without value", ">", 4],
    ["an operator and a wildcard", "<*", 0],
    ["two operators", "<>pc1.corpus.test", 0],
    ["an operator and SQL", ">0 OR 1=1", 4],
    ["an escape", "pc1\\", 0],
    ["an object", { $ne: null }, 0],
    ["a list of objects", [{ $gt: "" }], 0],
    ["lists in lists", [[own.id]], 1],
    ["forty thousand values", Array.from({ length: 40_000 }, (_, index) => `pc${index}.corpus.test`), 2],
    ["a number", 0, 4], // a text counts with the number that it begins with
  ])("%s is a value", async (_what, value, finds) => {
    const before = site.snapshot();
    const { result, error } = await site.call(admin, "host_getIdents", "str", { id: value });
    if (error === null) expect((result as unknown[]).length).toBeLessThanOrEqual(finds);
    else expect(error.class).toMatch(refusal);
    for (const attribute of ["notes", "lastSeen", "maxBandwidth", "isMasterDepot"]) {
      const answer = await site.call(admin, "host_getObjects", ["id"], { [attribute]: value });
      expect(answer.error?.message ?? "").not.toBe("Internal server error");
    }
    expect(site.snapshot()).toEqual(before);
  });
});

test("names of attributes are names, whatever is in them", async () => {
  for (const name of ["*", "opsiHostKey; --", '"', "__proto__", "constructor", "x".repeat(10_000), null, 1, {}, []]) {
    const { result, error } = await site.call(admin, "host_getObjects", ["id", name], { id: own.id });
    if (error === null) expect(result).toMatchObject([{ id: own.id, opsiHostKey: null }]);
    else expect(error.class).toMatch(refusal);
  }
});

describe("long texts take no longer than their length", () => {
  const long = 60_000;
  test.each<[what: string, text: string]>([
    ["blanks", `x${" ".repeat(long)}x`],
    ["line ends", `a${"\n".repeat(long)}b`],
    ["dots", `a.b${".".repeat(long)}x`],
    ["dashes", `a${"-".repeat(long)}`],
    ["names", `${"a.".repeat(long / 2)}!`],
    ["braces", `x${"}".repeat(long)}y`],
    ["digits", `${"1_".repeat(long / 2)}!`],
    ["wildcards", `${"*a".repeat(long / 2)}`],
  ])("%s in ids, numbers, filters", async (_what, text) => {
    const calls: [string, ...unknown[]][] = [
      ["productOnClient_getObjects", [], { productId: text, productVersion: [text] }],
      ["auditHardware_getObjects", [], { hardwareClass: [text, "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"] }],
      ["log_read", "instlog", text],
      ["log_read", "instlog", own.id, text],
      ...["id", "hardwareAddress", "systemUUID", "ipAddress", "opsiHostKey", "lastSeen", "notes"].map(
        (name): [string, ...unknown[]] => ["host_updateObject", { type: "OpsiClient", id: own.id, [name]: text }],
      ),
      [
        "product_updateObject",
        { type: "LocalbootProduct", id: "prod", productVersion: "1.0", packageVersion: "1", priority: text },
      ],
      ["licensePool_getObjects", [], { id: text }],
      ["createClient", "new", text],
      [text],
    ];
    const started = performance.now();
    for (const [method, ...params] of calls) await site.call(admin, method, ...params);
    expect(performance.now() - started).toBeLessThan(2 * tolerableWait);
  });

  test.each<[what: string, method: string, path: string, headers: Record<string, string>]>([
    ["a login name with dots", "GET", "/auth/authenticated", { authorization: basic(`a.b${".".repeat(40_000)}x:key`) }],
    ["a login name with colons", "GET", "/auth/authenticated", { authorization: basic(":".repeat(40_000)) }],
    ["a folder with slashes", "PROPFIND", `/public/${"/".repeat(60_000)}.`, { depth: "0" }],
    ["a path with marks", "GET", `/admin/${"%23".repeat(20_000)}%0a`, {}],
    ["a list of etags", "GET", "/public/", { "if-none-match": '"'.repeat(60_000) }],
    ["a list of conditions", "GET", "/public/", { if: "(".repeat(60_000) }],
    ["many ranges", "GET", "/ssl/opsi-ca-cert.pem", { range: `bytes=${"0-0,".repeat(15_000)}` }],
    ["many cookies", "GET", "/status/short", { cookie: "a=b;".repeat(15_000) }],
    ["many proxies", "GET", "/status/short", { "x-forwarded-for": "1.2.3.4,".repeat(7000) }],
    ["a host of brackets", "GET", "/status/short", { host: "[".repeat(60_000) }],
    ["an origin", "GET", "/status/short", { origin: `a${"+".repeat(60_000)}` }],
    [
      "a boundary",
      "POST",
      "/file-transfer/multipart",
      { "content-type": `multipart/form-data;${" ;".repeat(30_000)}` },
    ],
  ])("%s, without login", async (_what, method, path, headers) => {
    const started = performance.now();
    await site.send(method, path, { headers }).catch((error: NodeJS.ErrnoException) => {
      // too long headers end the connection, perhaps while they are still being sent
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
    });
    expect(performance.now() - started).toBeLessThan(tolerableWait);
    expect((await site.send("GET", "/status/short")).status).toBe(200);
  });
});

test("no method fails for any kind of value, and the service goes on", { timeout: 120_000 }, async () => {
  const failed: string[] = [];
  for (const method of await methodsOf(site)) {
    const [named = []] = callsOf(method, other.id);
    const calls = hostile.flatMap((value) => [
      named.length === 0 ? [] : [value, ...named.slice(1)],
      named.length < 2 ? [] : [...named.slice(0, -1), value],
    ]);
    for (const params of calls) {
      if (params.length === 0) continue;
      const { error } = await site.call(admin, method.name, ...params);
      if (error?.message === "Internal server error")
        failed.push(`${method.name} ${JSON.stringify(params).slice(0, 150)}`);
      if (error?.class.startsWith("status")) failed.push(`${method.name}: ${error.class}`);
    }
  }
  expect(failed).toEqual([]);
  expect((await site.send("GET", "/status/short")).milliseconds).toBeLessThan(tolerableWait);
});
