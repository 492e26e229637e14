import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LocalUsers } from "./local-users.ts";
import { hashPassword, passwordFits } from "./password-hash.ts";
import { LocalUserAuthenticator } from "./user-login.ts";

let folder = "";
let users: LocalUsers;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-users-"));
  users = new LocalUsers(join(folder, "users.json"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a user is created, logs in, gets another password, is deleted", async () => {
  const login = new LocalUserAuthenticator(users);
  await users.create("Admin", "first", ["OpsiAdmin", " opsiadmin "]);
  expect([...(await login.logIn("admin", "first")).groups]).toEqual(["opsiadmin"]);
  await users.setPassword("admin", "second");
  await expect(login.logIn("admin", "first")).rejects.toThrow("Authentication failed for user 'admin'");
  await login.logIn("admin", "second");
  users.setGroups("admin", []);
  expect((await login.logIn("admin", "second")).groups.size).toBe(0);
  users.delete("admin");
  await expect(login.logIn("admin", "second")).rejects.toThrow("Authentication failed");
});

// The login that was under way got a session with the rights of before, after all his sessions had been ended.
test("what changes while a password is checked counts for that login", async () => {
  const login = new LocalUserAuthenticator(users);
  await users.create("admin", "first", ["opsiadmin"]);
  const demoted = login.logIn("admin", "first");
  users.setGroups("admin", []);
  expect((await demoted).groups.size).toBe(0);
  const deleted = new LocalUserAuthenticator(users).logIn("admin", "first");
  users.delete("admin");
  await expect(deleted).rejects.toThrow("Authentication failed");
});

test("the file holds no password and is for its owner only", async () => {
  await users.create("admin", "very secret");
  const path = join(folder, "users.json");
  expect(readFileSync(path, "utf8")).not.toContain("very secret");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what an administrator changes in the file counts at once", async () => {
  await users.create("admin", "x");
  const hash = users.find("admin")?.password;
  writeFileSync(join(folder, "users.json"), JSON.stringify({ users: { Other: { password: hash, groups: ["A"] } } }));
  expect(users.list()).toEqual([{ name: "other", password: hash, groups: ["a"] }]);
});

test.each(["", "a b", "pc.example.org", "a:b", "-x", "a/b"])("%j is no user name", async (name) => {
  await expect(users.create(name, "x")).rejects.toThrow("is no user name");
});

test("no user twice, none without password, none unknown", async () => {
  await users.create("first.last", "x");
  await expect(users.create("FIRST.last", "y")).rejects.toThrow("already exists");
  await expect(users.create("empty", "")).rejects.toThrow("needs a password");
  await expect(users.setPassword("nobody", "x")).rejects.toThrow("User 'nobody' not found");
});

test.each(["", "[]", "{}", '{"users":{"a":{}}}', "{"])("a broken file %j is told with its name", (content) => {
  writeFileSync(join(folder, "users.json"), content);
  expect(() => users.find("a")).toThrow("users.json");
});

test("what is told of a broken file does not quote it", async () => {
  await users.create("admin", "x");
  const hash = users.find("admin")?.password ?? "";
  writeFileSync(join(folder, "users.json"), `{"users":{"admin":{"password":${hash}}}}`);
  expect(() => users.find("admin")).toThrow(/users\.json: this is not valid JSON$/);
});

test("a hash fits its password only", async () => {
  const hash = await hashPassword("größe");
  expect(await passwordFits("größe", hash)).toBe(true);
  expect(await passwordFits("gro\u0308ße", hash)).toBe(true); // typed on another system
  expect(await passwordFits("grosse", hash)).toBe(false);
  for (const broken of ["", "x", "scrypt$1$1$1$a$b", hash.replace("$32768$", "$3$")]) {
    expect(await passwordFits("größe", broken)).toBe(false);
  }
});
