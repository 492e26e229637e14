import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openContext } from "../context.ts";
import { parseArguments } from "../parse-arguments.ts";
import { startTestSite, type TestSite } from "../testing/test-site.ts";
import { testSurroundings } from "../testing/test-surroundings.ts";
import clientList from "./client-list.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test("clients are created, listed and deleted", async () => {
  const created = await site.opsi(
    "client",
    "create",
    "pc1.example.org",
    "pc2.example.org",
    "--description",
    "Südflügel",
  );
  expect(created).toMatchObject({ exitCode: 0, errors: "" });
  expect(created.out).toContain("│ pc1.example.org │ Südflügel   │");
  expect(await site.json("client", "list", "--clients", "pc*")).toMatchObject([{ id: "pc1.example.org" }, {}]);

  expect(await site.opsi("client", "create", "PC1.example.org")).toMatchObject({
    exitCode: 1,
    errors: "opsi client create: Backend bad value error: Exists already: 'pc1.example.org'\n",
  });
  expect(await site.opsi("client", "create", "pc3")).toMatchObject({
    exitCode: 1,
    errors: "opsi client create: Bad fqdn: 'pc3'\n",
  });

  // Nobody can be asked here, so nothing may be deleted.
  const refused = await site.opsi("client", "delete", "pc*");
  expect(refused.exitCode).toBe(2);
  expect(refused.errors).toContain("Delete 2 clients (pc1.example.org, pc2.example.org)?");
  expect(await site.json("client", "list")).toHaveLength(2);

  expect(await site.opsi("client", "delete", "pc2.example.org", "--dry-run")).toMatchObject({
    exitCode: 0,
    out: "",
    errors: "Would delete pc2.example.org\n",
  });
  expect(await site.json("client", "list")).toHaveLength(2);
  expect(await site.json("client", "delete", "pc*", "--yes")).toHaveLength(2);
  expect(await site.json("client", "list")).toEqual([]);
  expect(await site.opsi("client", "delete", "pc1.example.org")).toMatchObject({ exitCode: 1 });
});

test("a host key is shown only when asked for", async () => {
  expect((await site.opsi("client", "create", "key1.example.org")).out).not.toMatch(/[0-9a-f]{32}/);
  expect((await site.opsi("client", "create", "key2.example.org", "--show-key")).out).toMatch(/[0-9a-f]{32}/);
  expect((await site.opsi("client", "list", "--output", "json")).out).not.toContain("opsiHostKey");
});

test("values of configuration are set for the site and for hosts, and removed again", async () => {
  await site.opsi("client", "create", "conf.example.org");
  const drive = ["clientconfig.depot.drive", "--object", "conf.example.org"];
  expect(await site.json("config", "get", ...drive)).toMatchObject([{ values: ["p:"], source: "inherited" }]);
  await site.json("config", "set", drive[0] ?? "", "x:", ...drive.slice(1));
  expect(await site.json("config", "get", ...drive)).toMatchObject([{ values: ["x:"], source: "own" }]);
  await site.json("config", "unset", ...drive);
  expect(await site.json("config", "get", ...drive)).toMatchObject([{ values: ["p:"], source: "inherited" }]);

  await site.json("config", "set", "opsiclientd.event_timer.active", "on");
  const [timer] = await site.json<Record<string, unknown>[]>("config", "get", "opsiclientd.event_timer.active");
  expect(timer).toMatchObject({ values: [true], possibleValues: [false, true] });
  await site.json("config", "set", "clientconfig.depot.drive", "q:");
  const [config] = await site.json<{ possibleValues: string[] }[]>("config", "get", "clientconfig.depot.drive");
  expect(config?.possibleValues.length).toBeGreaterThan(20); // setting the value must not lose them

  expect(await site.opsi("config", "set", "clientconfig.depot.drive", "7")).toMatchObject({ exitCode: 1 });
  expect(await site.opsi("config", "get", "nope")).toMatchObject({
    exitCode: 1,
    errors: "opsi config get: Backend missing data error: There is no config 'nope'\n",
  });
});

test("any method can be called", async () => {
  const called = await site.opsi("jsonrpc", "execute", "host_getObjects", '["id"]', '{"type":"OpsiConfigserver"}');
  expect(JSON.parse(called.out)).toMatchObject([{ id: "server.example.org" }]);
  expect(called.out.split("\n").length).toBeGreaterThan(5); // pretty by itself, as opsi-cli does
  expect(await site.opsi("jsonrpc", "execute", "nope")).toMatchObject({
    exitCode: 1,
    out: "",
    errors: "opsi jsonrpc execute: Invalid method 'nope'\n",
  });
  const methods = await site.opsi("jsonrpc", "methods", "host_getIdents", "--output", "csv");
  expect(methods.out).toBe("name;params;deprecated;alternative_method\nhost_getIdents;*returnType,**filter;0;<null>\n");
});

test("an unknown service is trusted only with --trust, which says the fingerprint", async () => {
  const login = { OPSI_SERVICE: site.url, OPSI_USERNAME: "admin", OPSI_PASSWORD: site.password };
  const strict = await site.opsiIn(login, "client", "list");
  expect(strict).toMatchObject({ exitCode: 1, out: "" });
  expect(strict.errors).toContain("--trust at first contact");
  const trusting = await site.opsiIn(login, "client", "list", "--trust");
  expect(trusting.exitCode).toBe(0);
  expect(trusting.errors).toMatch(
    /Trusting https:\S+ from now on\. SHA-256 of its CA: ([0-9A-F]{2}:){31}[0-9A-F]{2}\n/,
  );
  expect(await site.opsiIn(login, "client", "list")).toMatchObject({ exitCode: 0, errors: "" });
});

test("a wrong password is refused and not repeated", async () => {
  const login = { OPSI_SERVICE: site.url, OPSI_USERNAME: "admin", OPSI_PASSWORD: "wrong-Secret" };
  const ca = ["--ca-file", join(site.root, "etc/opsi/ssl/opsi-ca-cert.pem")];
  const refused = await site.opsiIn(login, "client", "list", ...ca);
  expect(refused.exitCode).toBe(1);
  expect(refused.errors).toContain("authentication error");
  expect(refused.errors).not.toContain("wrong-Secret");
});

test("saved services", async () => {
  const saved = (...words: string[]) => site.opsiIn({}, "config", "service", ...words);
  expect(await saved("add", site.url, "--name", "here", "-u", "admin", "-p", site.password)).toMatchObject({
    exitCode: 0,
  });
  expect((await saved("list", "--output", "json")).out).not.toContain(site.password);
  const ca = ["--ca-file", join(site.root, "etc/opsi/ssl/opsi-ca-cert.pem")];
  expect(await site.opsiIn({}, "client", "list", ...ca)).toMatchObject({ exitCode: 0 });
  expect(await saved("remove", "here")).toMatchObject({ exitCode: 0 });
  expect(await saved("remove", "here")).toMatchObject({ exitCode: 1 });
});

// A service takes only so many sessions from one address, and each package was a new one.
test("a depot is logged in to once, however many packages it gets", async () => {
  const parsed = parseArguments(clientList, ["--root", site.root, "--service", site.url]);
  if (parsed.kind !== "run") throw new Error(parsed.kind);
  await using context = openContext(parsed.globals, testSurroundings());
  const login = [site.url, "admin", site.password] as const;
  expect(await context.serviceAt(...login)).toBe(await context.serviceAt(...login));
  expect(await context.serviceAt(...login)).not.toBe(await context.service());
});

test("a service that is saved with --trust is trusted from then on", async () => {
  const newcomer = (...words: string[]) => site.opsiIn({ XDG_CONFIG_HOME: join(site.folder, "newcomer") }, ...words);
  const login = ["-u", "admin", "-p", site.password];
  const added = await newcomer("config", "service", "add", site.url, "--name", "new", "--trust", ...login);
  expect(added).toMatchObject({ exitCode: 0 });
  expect(added.errors).toMatch(/Trusting .* SHA-256 of its CA: ([0-9A-F]{2}:){31}/);
  expect(await newcomer("client", "list", "--service", "new")).toMatchObject({ exitCode: 0, errors: "" });
  expect(await newcomer("config", "service", "remove", "new")).toMatchObject({ exitCode: 0 });
});

test("the answer goes to a file", async () => {
  expect(await site.opsi("client", "list", "--output", "csv", "--output-file", "out.csv")).toMatchObject({ out: "" });
  expect(await readFile(join(site.folder, "out.csv"), "utf8")).toMatch(/^id;description/);
});
