import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

const [pc1, pc2] = ["pc1.example.org", "pc2.example.org"];
let rpc: TestRpc;
let folder: string;
beforeEach(async () => {
  rpc = await openTestRpc({ clients: [pc1, pc2], depots: ["depot.example.org"] });
  folder = join(rpc.folders.backendManager, "extend.d");
  mkdirSync(folder);
});
afterEach(() => rpc[Symbol.asyncDispose]());

async function put(name: string, text: string): Promise<void> {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text, { mode: 0o644 });
  await rpc.extender.reload();
}

/** A file with one method; `run` is the text of its function. */
const one = (name: string, run: string, more = "") =>
  `import { method, OpsiError } from "@opsi-ts/server/extension";
export default method({ name: "${name}", doc: "A test.", parameters: [], ${more} run: ${run} });\n`;

const described = async (name: string) =>
  ((await rpc.admin("backend_getInterface")) as { name: string }[]).find((each) => each.name === name);

const problems = () => rpc.extensionLog.flatMap(({ problem }) => (problem === undefined ? [] : [String(problem)]));

test("the example of the documentation does what it says", async () => {
  // The file stands for the text: the compiler checks its types.
  const example = readFileSync(join(import.meta.dirname, "testing/example.ts"), "utf8");
  const manual = readFileSync(join(import.meta.dirname, "../../../../docs/extend.md"), "utf8");
  expect(/^```ts\n(.*?)^```$/ms.exec(manual)?.[1]).toBe(example);
  await put("10_site.ts", example);
  expect(problems()).toEqual([]);
  expect(await rpc.admin("site_addNote", pc1, "New disk", false)).toBe("New disk");
  expect(await rpc.admin("site_addNote", pc1, "New fan")).toBe("New disk\nNew fan (admin)");
  expect(await rpc.admin("host_getObjects", ["notes"], { id: pc1 })).toMatchObject([
    { notes: "New disk\nNew fan (admin)" },
  ]);
  expect(rpc.extensionLog).toContainEqual({ message: "note added", clientId: pc1, extension: "10_site.ts" });
  await expect(rpc.admin("site_addNote", "none.example.org", "x")).rejects.toMatchObject({
    ...{ class: "BackendMissingDataError", message: expect.stringContaining("There is no client") },
  });
  expect(await rpc.client(pc1)("getDomain")).toBe("EXAMPLE.ORG");
  expect(rpc.extensionLog).toContainEqual(
    expect.objectContaining({ message: "extension replaces a method", method: "getDomain" }),
  );
  await expect(rpc.client(pc1)("site_addNote", pc1, "x")).rejects.toMatchObject({
    class: "OpsiServicePermissionError",
  });
});

// Programs that had asked for the interface before did not find the methods of a new file, until the server was restarted.
test("the interface follows the files", async () => {
  expect(await described("site_new")).toBeUndefined();
  await put("a.ts", one("site_new", "() => 1"));
  expect(await described("site_new")).toMatchObject({ doc: "A test." });
  await put("a.ts", one("site_new", "() => 1").replace("A test.", "Another one."));
  expect(await described("site_new")).toMatchObject({ doc: "Another one." });
  rmSync(join(folder, "a.ts"));
  await rpc.extender.reload();
  expect(await described("site_new")).toBeUndefined();
});

test("the interface describes parameters, and calls are bound to them", async () => {
  await put(
    "a.js",
    `export default { name: "site_echo", doc: "Answers its arguments.", deprecated: true, parameters: [
       { name: "text", type: "string" }, { name: "count", type: "number", initial: 1 },
       { name: "list", type: "list", initial: null }],
     run: (_service, ...values) => values };`,
  );
  expect(await described("site_echo")).toEqual({
    ...{ name: "site_echo", params: ["text", "*count", "*list"], args: ["self", "text", "count", "list"] },
    ...{ varargs: null, keywords: null, defaults: [1, null], deprecated: true, drop_version: null },
    ...{ alternative_method: null, doc: "Answers its arguments." },
    annotations: { text: "str", count: "float", list: "list" },
  });
  expect(await rpc.admin("site_echo", "a")).toEqual(["a", 1, null]);
  expect(await rpc.admin("site_echo", "ä\u0000", 2.5, [{ deep: [null] }])).toEqual([
    "ä\u0000",
    2.5,
    [{ deep: [null] }],
  ]);
  await expect(rpc.admin("site_echo")).rejects.toThrow("missing 1 required positional argument: 'text'");
  await expect(rpc.admin("site_echo", 7)).rejects.toMatchObject({
    class: "TypeError",
    message: /'text' must be a string/,
  });
  await expect(rpc.admin("site_echo", "a", null)).rejects.toThrow("'count' must be a number, not 'NoneType'");
});

test.each([
  ["broken.js", "export const a = 1;\nexport default 1 + ;\n", /\(line 2\)$/],
  ["broken.ts", "export const a: number = 1;\nexport default {;\n", /\(line 2\)$/],
  ["enum.ts", "enum X { A }\nexport default X;\n", /enum is not supported.*\(line 1\)$/],
  ["throws.ts", "const a: number = 1;\n\nthrow new Error(`no ${a}`);\nexport {};\n", /^no 1 \(line 3\)$/],
  ["import.js", 'import "./none.js";\n', /Cannot find module/],
  ["nothing.js", "export const a = 1;\n", /There is no default export/],
  ["number.js", "export default 7;\n", /no method and no list of methods/],
  ["exits.js", "process.exit(0);\n", /ended/],
  ["name.js", one("no name", "() => 1"), /Bad name: "no name"/],
  ["roles.js", one("x", "() => 1", 'roles: ["root"],'), /Method 'x': Bad role: "root"/],
  ["time.js", one("x", "() => 1", "timeoutSeconds: 0,"), /Bad timeoutSeconds: 0/],
  [
    "twice.js",
    `${one("x", "() => 1").replace("export default", "const a =")} export default [a, a];`,
    /'x' is declared twice/,
  ],
  ["python.conf", "def hello(self):\n    return 1\n", /Python cannot be run/],
])("%s is skipped and reported, others are loaded", async (name, text, problem) => {
  await put("zz_good.ts", one("site_good", "() => 'good'"));
  await put(name, text);
  expect(problems()).toEqual([expect.stringMatching(problem)]);
  expect(rpc.extensionLog).toContainEqual(
    expect.objectContaining({ message: "extension skipped", file: join(folder, name) }),
  );
  expect(await rpc.admin("site_good")).toBe("good");
  expect(rpc.extender.extensions.find(({ file }) => file.endsWith(name))).toMatchObject({
    methods: [],
    problem: expect.stringMatching(problem),
  });
  await rpc.extender.reload();
  expect(problems()).toHaveLength(1); // told once, and not every two seconds
});

test.each([
  ['[{ name: "a", type: "text" }]', /type of parameter 'a'/],
  ['[{ name: "self", type: "string" }]', /name of a parameter/],
  ['[{ name: "a", type: "string", initial: 1 }]', /initial value of parameter 'a'/],
  ['[{ name: "a", type: "string" }, { name: "a", type: "string" }]', /twice/],
  ['[{ name: "a", type: "string", initial: "" }, { name: "b", type: "string" }]', /may be left out stands before/],
  ["7", /Bad parameters: 7/],
])("parameters %s are refused", async (parameters, problem) => {
  await put("p.js", one("x", "() => 1").replace("parameters: []", `parameters: ${parameters}`));
  expect(problems()).toEqual([expect.stringMatching(problem)]);
});

test("a file that everybody may write to is not loaded", async () => {
  await put("a.js", one("site_a", "() => 1"));
  chmodSync(join(folder, "a.js"), 0o666);
  await put("b.js", one("site_b", "() => 2"));
  chmodSync(join(folder, "b.js"), 0o646);
  await rpc.extender.reload();
  expect(problems().filter((problem) => problem.startsWith("Everybody may write"))).toHaveLength(2);
});

// Whoever could write to what a file imports, or put a file beside it, could run his own code as the service.
test.each([
  ["lib/words.ts", 0o646],
  ["lib", 0o777],
  [".", 0o777],
])("nothing is loaded while everybody may write to %s", async (open, mode) => {
  await put("lib/words.ts", "export const word = 'one';");
  chmodSync(join(folder, open), mode);
  await put("a.ts", `import { word } from "./lib/words.ts";\n${one("site_a", "() => word")}`);
  expect(problems()).toEqual([`Everybody may write to ${join(folder, open)}: chmod o-w it`]);
  chmodSync(join(folder, open), mode & ~0o002);
  await rpc.extender.reload();
  expect(await rpc.admin("site_a")).toBe("one");
});

test("changes are taken over by themselves, and what is gone has its old meaning", async () => {
  writeFileSync(join(folder, "a.ts"), one("getDomain", "() => 'first'"));
  await vi.waitFor(async () => expect(await rpc.admin("getDomain")).toBe("first"), { timeout: 6000, interval: 100 });
  writeFileSync(join(folder, "a.ts"), one("getDomain", "() => 'second'"));
  await vi.waitFor(async () => expect(await rpc.admin("getDomain")).toBe("second"), { timeout: 6000, interval: 100 });
  rmSync(folder, { recursive: true });
  await rpc.extender.reload();
  expect(await rpc.admin("getDomain")).toBe("example.org");
  expect(rpc.extensionLog).toContainEqual({ message: "extension removed", file: join(folder, "a.ts") });
});

// Every error of the folder counted as "there is no extension", so a passing one took all methods away.
test("while the folder cannot be read everything goes on as before", async () => {
  await put("a.ts", one("site_a", "() => 'a'"));
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, "no folder");
  await rpc.extender.reload();
  await rpc.extender.reload();
  expect(await rpc.admin("site_a")).toBe("a");
  const told = rpc.extensionLog.filter(({ message }) => message === "extensions could not be looked for");
  expect(told).toHaveLength(1);
});

test("while a newer version is broken the older one goes on, also for more calls than there were threads", async () => {
  await put("a.ts", one("site_a", "async () => { await new Promise((r) => setTimeout(r, 50)); return 'old'; }"));
  await put("a.ts", "export default {");
  expect(problems()).toHaveLength(1);
  expect(await Promise.all(Array.from({ length: 20 }, () => rpc.admin("site_a")))).toEqual(Array(20).fill("old"));
  await put("a.ts", one("site_a", "() => 'new'"));
  expect(await rpc.admin("site_a")).toBe("new");
});

test("a call that runs ends with the old version", async () => {
  const slow = "async () => { await new Promise((r) => setTimeout(r, 500)); return 'old'; }";
  await put("a.ts", one("site_a", slow));
  const running = Array.from({ length: 12 }, () => rpc.admin("site_a")); // four of them wait for a thread
  await setTimeout(100);
  await put("a.ts", one("site_b", "() => 'new'"));
  expect(await rpc.admin("site_b")).toBe("new");
  await expect(rpc.admin("site_a")).rejects.toThrow("Invalid method 'site_a'");
  expect(await Promise.all(running)).toEqual(Array(12).fill("old"));
});

test("a file that is renamed over another, and a change in what it imports", async () => {
  await put("lib/words.ts", "export const word: string = 'one';");
  await put("a.ts", `import { word } from "./lib/words.ts";\n${one("site_a", "() => word")}`);
  expect(await rpc.admin("site_a")).toBe("one");
  await put("lib/words.ts", "export const word: string = 'two';");
  expect(await rpc.admin("site_a")).toBe("two");
  writeFileSync(join(folder, ".a.ts.new"), one("site_a", "() => 'three'"));
  renameSync(join(folder, ".a.ts.new"), join(folder, "a.ts"));
  await rpc.extender.reload();
  expect(await rpc.admin("site_a")).toBe("three");
});

// The same text was loaded again for more calls at once, and with a broken import in the meantime the thread that
// could not load it was used for every call that followed.
test("a thread that could not load the file is not used again", async () => {
  await put("lib/words.ts", "export const word: string = 'one';");
  await put("a.ts", `import { word } from "./lib/words.ts";\n${one("site_a", "() => word")}`);
  await put("lib/words.ts", "export const word: string = ;");
  const calls = await Promise.allSettled([rpc.admin("site_a"), rpc.admin("site_a")]);
  expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(await rpc.admin("site_a")).toBe("one");
  expect(await rpc.admin("site_a")).toBe("one");
});

const fails = {
  throws: "() => { throw new Error('secret of the extension'); }",
  exits: "() => process.exit(3)",
  rejects: "() => { Promise.reject(new Error('nobody waits')); return new Promise(() => {}); }",
  eatsMemory: "() => { const all = []; for (;;) all.push(new Array(1e6).fill({})); }",
  circular: "() => { const a = {}; a.a = a; return a; }",
};
test.each(Object.entries(fails))("a method that %s fails alone", async (_what, run) => {
  await put("bad.js", one("site_bad", run));
  await put("good.js", one("site_good", "() => 'good'"));
  const logged: unknown[] = [];
  const bad = rpc.admin("site_bad").catch((error: unknown) => logged.push(error));
  expect(await rpc.admin("site_good")).toBe("good");
  await bad;
  expect(logged).toHaveLength(1);
  expect(await rpc.admin("site_good")).toBe("good");
});

test("a method that never ends is given up; others of the same file go on meanwhile", async () => {
  await put(
    "loop.ts",
    `import { method } from "@opsi-ts/server/extension";
     const shape = { doc: "A test.", parameters: [], timeoutSeconds: 3 } as const;
     export default [
       method({ ...shape, name: "site_loop", run: () => { for (;;); } }),
       method({ ...shape, name: "site_wait", run: () => new Promise(() => {}) }),
       method({ ...shape, name: "site_good", run: () => "good" }),
     ];`,
  );
  let isOver = false;
  const endless = ["site_loop", "site_wait"].map((name) => rpc.admin(name).catch((error: unknown) => error));
  void Promise.race(endless).then(() => {
    isOver = true;
  });
  expect(await rpc.admin("site_good")).toBe("good");
  expect(isOver).toBe(false);
  expect(await Promise.all(endless)).toMatchObject([
    { class: "TimeoutError", message: "'site_loop' did not end within 3 s" },
    { class: "TimeoutError", message: "'site_wait' did not end within 3 s" },
  ]);
  expect(await rpc.admin("site_good")).toBe("good");
});

test("of too many calls at once the last are refused, and may be repeated", async () => {
  await put("a.js", one("site_slow", "() => new Promise((resolve) => setTimeout(resolve, 100))"));
  const calls = await Promise.allSettled(Array.from({ length: 215 }, () => rpc.admin("site_slow")));
  const refused = calls.filter((call) => call.status === "rejected").map(({ reason }) => reason);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(7);
  for (const reason of refused) expect(reason).toMatchObject({ class: "BackendTemporaryError" });
  expect(await rpc.admin("site_slow")).toBeNull();
});

test("a file that never ends to load is given up", { timeout: 20_000 }, async () => {
  await put("loop.js", "for (;;);\nexport default 1;\n");
  expect(problems()).toEqual(["The file was not loaded within 10 s"]);
});

test("calls have the rights of the caller, and no more", async () => {
  await put(
    "a.ts",
    `import { method } from "@opsi-ts/server/extension";
     export default [
       method({ name: "log_mine", doc: "A test.", parameters: [{ name: "ids", type: "list" }],
         run: (service, ids) => service.call("host_getObjects", ["id", "opsiHostKey"], { id: ids }) }),
       method({ name: "log_own", doc: "A test.", roles: ["client", "depot"], parameters: [], run: ({ caller }) => caller }),
       method({ name: "log_backup", doc: "A test.", parameters: [], run: (service) => service.call("service_getConfig") }),
     ];`,
  );
  // The default rules let clients call methods whose name they do not know; they see no foreign keys in them.
  const seen = (await rpc.client(pc1)("log_mine", [pc1, pc2])) as { id: string; opsiHostKey: string | null }[];
  expect(seen).toMatchObject([
    { id: pc1, opsiHostKey: expect.any(String) },
    { id: pc2, opsiHostKey: null },
  ]);
  const keys = (await rpc.admin("log_mine", [pc1, pc2])) as { opsiHostKey: string | null }[];
  expect(keys.map(({ opsiHostKey }) => opsiHostKey)).not.toContain(null);
  await expect(rpc.client(pc1)("log_backup")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  await expect(rpc.admin("log_own")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  const depot = "depot.example.org";
  expect(await rpc.depot(depot)("log_own")).toMatchObject({ name: depot, hostId: depot, isAdministrator: true });
});

test("a method for clients shows a client what is its own", async () => {
  await rpc[Symbol.asyncDispose]();
  const acl =
    "site_.* : all\nhost_get.* : self; sys_group(admins)\nhost_update.* : sys_group(admins)\n.* : sys_group(admins)\n";
  rpc = await openTestRpc({ clients: [pc1, pc2] }, "", acl);
  folder = join(rpc.folders.backendManager, "extend.d");
  await put("a.js", one("site_hosts", '(service) => service.call("host_getIdents")'));
  await put("b.js", one("site_delete", '(service) => service.call("host_delete", "pc2.example.org")'));
  await put("c.js", one("service_getConfig", "() => 'all secrets'"));
  expect(await rpc.client(pc1)("site_hosts")).toEqual([pc1]);
  expect(await rpc.admin("site_hosts")).toEqual(expect.arrayContaining([pc1, pc2]));
  await rpc
    .client(pc1)("site_delete")
    .catch(() => {}); // a client does not see others, so there is nothing to delete
  await expect(rpc.user("service_getConfig")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  expect(await rpc.admin("host_getIdents")).toContain(pc2);
});

test("what a call leaves behind does not get the rights of the next one", async () => {
  await put(
    "a.js",
    `let later;
     export default [
       { name: "site_leave", doc: "A test.", parameters: [], run(service) { later = () => service.call("host_getIdents"); return true; } },
       { name: "site_use", doc: "A test.", parameters: [], run: () => later().catch((error) => error.message) },
     ];`,
  );
  expect(await rpc.admin("site_leave")).toBe(true);
  expect(await rpc.admin("site_use")).toBe("The call has ended already");
});

test("a method that calls itself without an end is stopped; one that stands for another reaches it", async () => {
  await put("a.js", one("site_self", '(service) => service.call("site_self")'));
  await expect(rpc.admin("site_self")).rejects.toThrow("'site_self' calls itself again and again");
  await put("b.js", one("getDomain", "async (service) => `b:${await service.replaced()}`"));
  await put("c.js", one("getDomain", "async (service) => `c:${await service.replaced()}`"));
  await put("d.js", one("site_none", "(service) => service.replaced()"));
  expect(await rpc.admin("getDomain")).toBe("c:b:example.org");
  await expect(rpc.admin("site_none")).rejects.toThrow("'site_none' replaces no method");
  await expect(rpc.admin("site_self")).rejects.toThrow("again and again");
});

// Eight calls that each called another method of their file had all its threads, and waited for one until they timed out.
test("as many calls as there are threads may each call a method of the same file", { timeout: 15_000 }, async () => {
  const shape = 'doc: "A test.", parameters: [], timeoutSeconds: 20';
  await put(
    "a.js",
    `export default [
       { name: "site_inner", ${shape}, run: () => "inner" },
       { name: "site_outer", ${shape}, run: (service) => service.call("site_inner") },
     ];`,
  );
  const calls = Array.from({ length: 9 }, () => rpc.admin("site_outer"));
  expect(await Promise.all(calls)).toEqual(Array(9).fill("inner"));
});

test("errors of methods that are called arrive with their class, and what is printed is logged", async () => {
  await put(
    "a.js",
    one(
      "site_a",
      `async (service) => {
         console.log("printed\\ntwice");
         try { await service.call("host_create", "x"); } catch (error) { return [error.name, error instanceof OpsiError, error.message]; }
       }`,
    ),
  );
  expect(await rpc.admin("site_a")).toEqual(["ValueError", true, expect.any(String)]);
  await vi.waitFor(() => {
    expect(rpc.extensionLog).toContainEqual({ message: "printed", extension: "a.js" });
    expect(rpc.extensionLog).toContainEqual({ message: "twice", extension: "a.js" });
  });
});

// Messages of threads come outside of any call, and the audit trail knew nobody who had made the change.
test("changes by an extension are recorded as the caller's", async () => {
  const change = `[{ type: "OpsiClient", id: "${pc1}", description: "by an extension" }]`;
  await put("a.js", one("site_a", `(service) => service.call("host_updateObjects", ${change})`));
  await rpc.admin("site_a");
  const page = (await rpc.admin("audit_getRecords", null, null, 1, true)) as { records: Record<string, unknown>[] };
  expect(page.records).toMatchObject([{ user: "admin", method: "site_a" }]);
  expect(JSON.stringify(page.records)).toContain("by an extension");
});
