import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, client, FaultSite, own } from "./fault-site.ts";
import { seed } from "./seed.ts";

/* What looks like code is data: it comes back as it was stored, and nothing runs or shows it as more than text. */

const marker = "opsi-was-here";
const texts = [
  '<script>alert("x")</script><img src=x onerror=alert(1)>',
  "javascript:alert(1)",
  "${process.exit(1)} #{7*7} {{7*7}} <%= 7*7 %> `id`",
  `$(touch /tmp/${marker}); touch /tmp/${marker} & | > /tmp/${marker}`,
  '\'; DROP TABLE HOST; -- " OR "1"="1',
  "a\r\n[1] [2026-01-01 00:00:00.000] [127.0.0.1      ] logged in username=evil   (auth)\r\nb",
  "a\nb\tc\u0007\u001b[31mred\u001b[0m\u0008\u007f\u0085\u2028\u2029",
  "\u202eevil\u202c \ufeff \u200b",
  "ends with NUL\0 and goes on\0",
  "%s %n %x {0} \\u0041 \\x41 \\",
  '{"type":"OpsiClient","id":"x"}',
  "\u{1f4a9} ä ß 漢字 e\u0301",
  "  blanks around  ",
];

let site: FaultSite;
beforeAll(async () => {
  site = await FaultSite.start({ words: ["--log-level-file", "8", "--log-level-stderr", "8"] });
  await seed(site);
});
afterAll(() => site[Symbol.asyncDispose]());

test.each(texts)("%j comes back as it was stored", async (text) => {
  await site.must("host_updateObject", { type: "OpsiClient", id: own.id, notes: text });
  const hosts = await site.must("host_getObjects", ["notes"], { id: own.id });
  expect(hosts).toMatchObject([{ notes: text }]);
  const config = {
    type: "UnicodeConfig",
    id: "text.config",
    description: text,
    possibleValues: [text],
    defaultValues: [text],
  };
  await site.must("config_createObjects", [config]);
  expect(await site.must("config_getObjects", [], { id: "text.config" })).toMatchObject([
    { description: text, defaultValues: [text] },
  ]);
  await site.must("configState_createObjects", [
    { type: "ConfigState", configId: "text.config", objectId: own.id, values: [text] },
  ]);
  const states = (await site.must("configState_getValues", "text.config", own.id)) as Record<
    string,
    Record<string, unknown[]>
  >;
  expect(states[own.id]?.["text.config"]).toContain(text);
  const hardware = { type: "AuditHardwareOnHost", hostId: own.id, hardwareClass: "BIOS", vendor: text.slice(0, 40) };
  expect((await site.call(client, "auditHardwareOnHost_createObjects", [hardware])).error).toBeNull();
  const software = { name: text.slice(0, 90), version: "1", subVersion: "", language: "", architecture: "x64" };
  expect(
    (await site.call(client, "auditSoftware_createObjects", [{ type: "AuditSoftware", ...software }])).error,
  ).toBeNull();
  expect(JSON.stringify(await site.must("auditSoftware_getObjects", ["name"]))).toContain(
    JSON.stringify(software.name),
  );
  expect((await site.call(client, "log_write", "instlog", `${text}\n`, own.id)).error).toBeNull();
  expect(await site.must("log_read", "instlog", own.id)).toBe(`${text}\n`.replaceAll(/\r\n?/g, "\n"));
});

test("none of it ran, and the log has no line that is not the service's", async () => {
  for (const text of texts) {
    await site.call(admin, text);
    await site.call(admin, "host_getObjects", [], { [text]: text });
    await site.call(client, "log_write", text, "x", own.id);
    await site.send("GET", "/auth/authenticated", {
      headers: {
        authorization: `Basic ${Buffer.from(`${text.replaceAll(":", "")}:x`).toString("base64")}`,
        "x-forwarded-for": "203.0.113.9",
        "user-agent": text.replace(/[^\x20-\x7e]/g, "?"),
      },
    });
    await site.send("GET", `/depot/${encodeURIComponent(text)}`, { login: admin });
    await site.send("POST", "/admin/unblock-all", { login: admin });
  }
  expect(site.running).toBe(true);
  expect(readdirSync("/tmp")).not.toContain(marker);
  const lines = (site.logs() + site.output).split("\n");
  expect(lines.length).toBeGreaterThan(100);
  const forged = lines.filter(
    (line) => /\[127\.0\.0\.1 +\] logged in username=evil/.test(line) && line.startsWith("["),
  );
  expect(forged.filter((line) => /^\[1\]/.test(line))).toEqual([]);
  // no control characters, nothing that turns the direction of the text
  expect(lines.filter((line) => /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/.test(line))).toEqual([]);
});

test("pages show names as text", async () => {
  const folder = join(site.root, "var/lib/opsi/depot/names");
  mkdirSync(folder, { recursive: true });
  const names = [
    "<script>alert(1)<",
    '" onmouseover="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "a&lt;b",
    "javascript:alert(1)",
    "%2e%2e",
    "line\nend",
    "x\u202ey",
    "#frag?query",
  ];
  for (const name of names) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, "</title><script>"), { recursive: true });
  for (const path of [
    "/depot/names/",
    `/depot/names/${encodeURIComponent("<")}/title%3E%3Cscript%3E/`,
    "/welcome/",
    "/login",
    "/status/",
    "/depot/%3Cscript%3E",
    "/%3Cscript%3E",
  ]) {
    const { text, headers } = await site.send("GET", path, { login: admin });
    const isOurs = path === "/login" ? text.replace(/<script>\n[\s\S]*<\/script>/, "") : text;
    if (headers["content-type"]?.startsWith("text/html"))
      expect(isOurs).not.toMatch(/<script|<img|onmouseover="|href="javascript/i);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-frame-options"]).toBe("DENY");
  }
  const { text } = await site.send("GET", "/depot/names/", { login: admin });
  for (const [, href = ""] of text.matchAll(/href="([^"]*)"/g)) {
    if (href === "../" || href.endsWith("/")) continue;
    const path = new URL(href, "https://x/depot/names/").pathname;
    const fetched = await site.send("GET", path, { login: admin });
    expect([path, fetched.status, names.includes(fetched.text)]).toEqual([path, 200, true]);
  }
  const list = await site.send("PROPFIND", "/depot/names/", { login: admin, headers: { depth: "1" } });
  expect(list.text).not.toMatch(/<script|<img/);
});

test.each([
  ["/admin", "https://opsi.test/admin"],
  ["//evil.test", "/"],
  ["/\\evil.test", "/"],
  ["/\t/evil.test", "/"],
  ["\n//evil.test", "/"],
  ["https://evil.test", "/"],
  ["https:evil.test", "https://opsi.test/evil.test"],
  ["javascript:alert(1)", "/"],
  ["https://opsi.test@evil.test", "/"],
  ["data:text/html,x", "/"],
])("after the login the page goes from %j to this service only", async (wanted, target) => {
  const { text } = await site.send("GET", "/login");
  const script = /<script>([\s\S]*)<\/script>/.exec(text)?.[1] ?? "";
  const location = { search: `?redirect=${encodeURIComponent(wanted)}`, origin: "https://opsi.test", href: "" };
  let submit: (event: object) => Promise<void> = async () => undefined;
  const form = {
    addEventListener: (_name: string, listener: typeof submit) => {
      submit = listener;
    },
  };
  const answer = { ok: true, json: async () => ({}) };
  runInNewContext(script, {
    ...{ location, URL, URLSearchParams, Object, JSON, document: { getElementById: () => form } },
    ...{
      FormData: class {
        *[Symbol.iterator]() {}
      },
      fetch: async () => answer,
    },
  });
  await submit({ preventDefault: () => undefined, target: form });
  expect(location.href).toBe(target);
});
