import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalUsers } from "../auth/local-users.ts";
import { startTestSite, type TestSite } from "../http/test-site.ts";
import { openCore } from "../open-core.ts";

const admin = "adminuser:adminuser";
let site: TestSite;
beforeAll(async () => {
  site = await startTestSite(["--max-auth-failures", "100"], openCore);
});
afterAll(() => site[Symbol.asyncDispose]());

interface Reply {
  readonly result: unknown;
  readonly error: { readonly message: string; readonly data: { readonly class: string } } | null;
}

async function call(login: string, method: string, ...params: unknown[]): Promise<Reply> {
  const answer = await site.send("POST", "/rpc", { login, json: { jsonrpc: "2.0", id: 1, method, params } });
  return { result: null, error: null, ...(answer.json() as Partial<Reply>) };
}

const statusOf = async (options: Parameters<TestSite["send"]>[2]) => {
  const request = { jsonrpc: "2.0", id: 1, method: "accessControl_authenticated", params: [] };
  return (await site.send("POST", "/rpc", { ...options, json: request })).status;
};

test("an administrator creates a user, changes him and deletes him; his sessions end each time", async () => {
  expect(await call(admin, "user_createLocalUser", "Anna", "first", ["OpsiAdmin"])).toMatchObject({ error: null });
  expect((await call(admin, "user_getLocalUsers")).result).toContainEqual({ name: "anna", groups: ["opsiadmin"] });

  const open = async (password: string) => {
    const answer = await site.send("GET", "/auth/session_id", { login: `anna:${password}` });
    const { cookie } = await site.send("POST", "/auth/login", { json: { username: "anna", password } });
    expect(answer.status).toBe(200);
    const headers = { cookie: cookie ?? "" };
    expect(await statusOf({ headers })).toBe(200);
    return headers;
  };
  let headers = await open("first");
  await call(admin, "user_setLocalPassword", "ANNA", "second");
  expect(await statusOf({ headers })).toBe(401);
  expect(await statusOf({ login: "anna:first" })).toBe(401);

  headers = await open("second");
  await call(admin, "user_setLocalGroups", "anna", []);
  expect(await statusOf({ headers })).toBe(401);
  expect((await call("anna:second", "user_getLocalUsers")).error?.data.class).toBe("OpsiServicePermissionError");

  headers = await open("second");
  expect(await call(admin, "user_deleteLocalUser", "anna")).toMatchObject({ error: null });
  expect(await statusOf({ headers })).toBe(401);
  expect(await statusOf({ login: "anna:second" })).toBe(401);
});

test("who changes his own password goes on", async () => {
  await call(admin, "user_createLocalUser", "selma", "first", ["opsiadmin"]);
  const { cookie } = await site.send("POST", "/auth/login", { json: { username: "selma", password: "first" } });
  const headers = { cookie: cookie ?? "" };
  const change = { jsonrpc: "2.0", id: 1, method: "user_setLocalPassword", params: ["selma", "second"] };
  expect((await site.send("POST", "/rpc", { headers, json: change })).json()).toMatchObject({ result: null });
  expect(await statusOf({ headers })).toBe(200);
});

test.each([
  ["user_createLocalUser", ["adminuser", "x"], "User 'adminuser' already exists"],
  ["user_createLocalUser", ["a.b.c", "x"], "'a.b.c' is no user name"],
  ["user_createLocalUser", ["bernd", ""], "User 'bernd' needs a password"],
  ["user_setLocalPassword", ["nobody", "x"], "User 'nobody' not found"],
  ["user_deleteLocalUser", ["AdminUser"], "'AdminUser' cannot delete himself"],
  ["user_setLocalGroups", ["adminuser", []], "cannot change the groups of himself"],
])("%s%j is refused", async (method, params, text) => {
  const { error } = await call(admin, method, ...params);
  expect(error?.message).toContain(text);
  expect((await call(admin, "user_getLocalUsers")).result).toContainEqual({
    name: "adminuser",
    groups: ["opsiadmin", "opsifileadmins"],
  });
});

// The user came back with the rights that he had.
test("a user who is deleted while his password is hashed stays deleted", async () => {
  const users = new LocalUsers(`${site.folders.configuration}/users.json`);
  await users.create("carl", "first");
  const changed = users.setPassword("carl", "second");
  users.delete("carl");
  await expect(changed).rejects.toThrow("User 'carl' not found");
  expect(users.find("carl")).toBeNull();
});
