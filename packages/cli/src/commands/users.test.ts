import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
const ca = () => ["--ca-file", join(site.root, "etc/opsi/ssl/opsi-ca-cert.pem")];
const as = (user: string, password: string, ...words: string[]) =>
  site.opsiIn({ OPSI_SERVICE: site.url, OPSI_USERNAME: user, OPSI_PASSWORD: password }, ...words, ...ca());

beforeAll(async () => {
  site = await startTestSite();
  for (const name of ["first", "second"])
    await writeFile(join(site.folder, `${name}.secret`), `${name}-Secret-1\nmore`);
});
afterAll(() => site[Symbol.asyncDispose]());

test("a user is created, logs in, gets another password and other groups, and is deleted", async () => {
  const created = await site.opsi(
    "user",
    "create",
    "Anna",
    "--groups",
    "opsiadmin",
    "--new-password-file",
    "first.secret",
  );
  expect(created).toMatchObject({ exitCode: 0, errors: "" });
  expect(created.out).not.toContain("Secret");
  expect(await as("anna", "first-Secret-1", "client", "list")).toMatchObject({ exitCode: 0 });
  expect(await site.json("user", "list")).toMatchObject([
    { name: "admin", local: true, groups: ["opsiadmin", "opsifileadmins"], lastLogin: null },
    { name: "anna", local: true, groups: ["opsiadmin"], lastLogin: expect.stringMatching(/^20/), secondFactor: false },
  ]);

  await site.json("user", "set-password", "anna", "--new-password-file", "second.secret");
  expect(await as("anna", "first-Secret-1", "client", "list")).toMatchObject({ exitCode: 1 });
  expect(await as("anna", "second-Secret-1", "client", "list")).toMatchObject({ exitCode: 0 });
  await site.json("user", "set-groups", "anna");
  expect((await as("anna", "second-Secret-1", "user", "list")).errors).toContain("permission");

  expect(await site.opsi("user", "delete", "anna")).toMatchObject({ exitCode: 2 }); // nobody can be asked
  await site.json("user", "delete", "anna", "--yes");
  expect(await as("anna", "second-Secret-1", "client", "list")).toMatchObject({ exitCode: 1 });
  expect(await site.json("user", "list")).toMatchObject([
    { name: "admin" },
    { name: "anna", local: false, groups: [] },
  ]);
});

test("a password is neither asked without a terminal nor taken from an empty file", async () => {
  await writeFile(join(site.folder, "empty.secret"), "\n");
  expect(await site.opsi("user", "create", "bert")).toMatchObject({ exitCode: 2 });
  expect(await site.opsi("user", "create", "bert", "--new-password-file", "empty.secret")).toMatchObject({
    exitCode: 2,
  });
  expect(await site.opsi("user", "create", "bert", "--dry-run")).toMatchObject({
    errors: "Would create the user bert\n",
  });
  expect(await site.json("user", "list")).not.toContainEqual(expect.objectContaining({ name: "bert" }));
});

test("a new user gets a second factor before he logged in", async () => {
  await site.json("user", "create", "carl", "--new-password-file", "first.secret");
  const shown = await site.opsi("user", "set-second-factor", "carl", "on", "--uri");
  expect(shown.out).toMatch(/^otpauth:\/\/totp\/opsi:carl%40server\.example\.org\?secret=[A-Z2-7]{32}&issuer=opsi\n$/);
  expect((await site.opsi("user", "set-second-factor", "carl", "on")).out).toMatch(/^[█▀▄ \n]{800,}$/);
  expect(await site.json("user", "list")).toContainEqual(expect.objectContaining({ name: "carl", secondFactor: true }));
  expect(await site.opsi("user", "set-second-factor", "carl", "off")).toMatchObject({ exitCode: 0, out: "" });
  expect(await site.opsi("user", "set-second-factor", "nobody", "on")).toMatchObject({ exitCode: 1 });
});

test("the status of the service", async () => {
  const facts = await site.json<{ name: string; value: unknown }[]>("server", "status");
  expect(Object.fromEntries(facts.map(({ name, value }) => [name, value]))).toMatchObject({
    ...{ address: site.url, configServer: "server.example.org", administrator: true, depots: 1, connected: 0 },
  });
});

test("logs are shown, whole or their last lines", async () => {
  await site.opsi("client", "create", "pc1.example.org");
  await site.opsi("jsonrpc", "execute", "log_write", "instlog", "one\ntwo\nthree\n", "pc1.example.org");
  const show = (...words: string[]) => site.opsi("log", "show", ...words);
  expect((await show("instlog", "pc1.example.org")).out).toBe("one\ntwo\nthree\n");
  expect((await show("instlog", "pc1.example.org", "--lines", "2")).out).toBe("two\nthree\n");
  expect((await show("instlog", "pc1.example.org", "--lines", "9")).out).toBe("one\ntwo\nthree\n");
  expect((await show("opsiconfd", "--lines", "1")).out).toMatch(/^[^\n]+\n$/);
  expect(await show("userlogin", "pc1.example.org")).toMatchObject({ exitCode: 1, out: "" });
});

test("options are shown and written, maintenance begins and ends", async () => {
  expect(await site.json("server", "options", "session-l*")).toEqual([{ name: "session-lifetime", value: 120 }]);
  expect(await site.json("server", "options", "ssl-ca-key-p*")).toMatchObject([{ value: "********" }]);
  expect(await site.opsi("server", "options", "nope")).toMatchObject({ exitCode: 1 });
  expect(await site.opsi("server", "set-option", "session-lifetime", "x")).toMatchObject({ exitCode: 1 });
  const words = ["admin-networks", "10.1.0.0/16", "127.0.0.1/32"];
  expect(await site.opsi("server", "set-option", ...words)).toMatchObject({
    ...{ exitCode: 0, errors: "It counts when the service is started again.\n" },
  });
  expect(await readFile(join(site.root, "etc/opsi/opsiconfd.conf"), "utf8")).toContain(
    "admin-networks = [10.1.0.0/16, 127.0.0.1/32]\n",
  );

  expect(await site.opsi("server", "maintenance", "on", "--retry-after", "soon")).toMatchObject({ exitCode: 2 });
  const on = ["on", "--message", "Back at noon", "--retry-after", "1800"];
  expect(await site.json("server", "maintenance", ...on)).toMatchObject([
    { state: "maintenance", message: "Back at noon", answered: expect.arrayContaining(["127.0.0.1/32"]) },
  ]);
  expect(await site.json("client", "list")).toEqual(expect.any(Array)); // this machine is answered
  expect(await site.json("server", "maintenance", "off")).toMatchObject([{ state: "normal" }]);
});

test("sessions are listed and ended, blocked addresses let in again", async () => {
  // as another machine would
  const login = (password: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const { port } = new URL(site.url);
      const headers = { "user-agent": "a test" };
      const options = { auth: `admin:${password}`, localAddress: "127.0.0.2", rejectUnauthorized: false, headers };
      const call = request({ host: "127.0.0.1", port, path: "/admin/app-state", ...options }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      });
      call.once("error", reject).end();
    });
  expect(await login(site.password)).toBe(200);
  const listed = await site.json("server", "sessions", "127.0.0.2");
  expect(listed).toMatchObject([
    { username: "admin", userAgent: "a test", lastUsed: expect.stringMatching(/^20.*Z$/) },
  ]);
  expect(await site.opsi("server", "end-sessions", "10.*")).toMatchObject({ exitCode: 1 });
  const ended = await site.json<{ address: string }[]>("server", "end-sessions", "127.*");
  expect(ended.map(({ address }) => address).sort()).toEqual(["127.0.0.1", "127.0.0.2"]);
  expect(await site.json("server", "sessions", "127.0.0.2")).toEqual([]);

  expect(await site.opsi("server", "unblock", "*")).toMatchObject({ exitCode: 1 });
  await Promise.all(Array.from({ length: 12 }, () => login("wrong")));
  expect(await login(site.password)).toBe(403);
  const would = await site.opsi("server", "unblock", "*", "--dry-run");
  expect(would.errors).toBe("Would unblock 127.0.0.2\n");
  expect(await site.json("server", "unblock", "127.0.0.*")).toEqual([{ address: "127.0.0.2" }]);
  expect(await login(site.password)).toBe(200);
});
