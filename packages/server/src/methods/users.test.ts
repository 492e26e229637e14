import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { URI } from "otpauth";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decryptText } from "../auth/blowfish.ts";
import { openTestRpc, serverKey, type TestRpc } from "../rpc/test-rpc.ts";

const own = "pc1.example.org";
const foreign = "pc2.example.org";
let site: TestRpc;
let file: string;

beforeEach(async () => {
  site = await openTestRpc({ clients: [own, foreign] });
  file = join(site.folders.configuration, "passwd");
});
afterEach(() => site[Symbol.asyncDispose]());

const makeUser = () => site.admin("user_createObjects", { type: "User", id: "anna", otpSecret: "SECRET" });

test("clients do not see the secrets of users, and cannot find them out", async () => {
  await makeUser();
  const client = site.client(own);
  expect(await client("user_getObjects")).toMatchObject([{ id: "anna", otpSecret: null, mfaState: "inactive" }]);
  expect(await client("user_getObjects", ["otpSecret"])).toMatchObject([{ otpSecret: null }]);
  for (const method of ["user_getObjects", "user_getIdents"]) {
    const [first] = method === "user_getIdents" ? ["str"] : [[]];
    await expect(client(method, first, { otpSecret: "S*" })).rejects.toMatchObject({
      class: "OpsiServicePermissionError",
    });
  }
  expect(await site.admin("user_getObjects")).toMatchObject([{ otpSecret: "SECRET" }]);
  expect(await site.depot("depot1.example.org")("user_getObjects")).toMatchObject([{ otpSecret: "SECRET" }]);
});

test("apps can read a new second factor", async () => {
  await makeUser();
  const uri = String(await site.admin("user_updateMultiFactorAuth", "Anna"));
  const [user] = (await site.admin("user_getObjects")) as { otpSecret: string; mfaState: string }[];
  expect(user).toMatchObject({ mfaState: "totp_active", otpSecret: expect.stringMatching(/^[A-Z2-7]{32}$/) });
  const read = URI.parse(uri);
  expect(read).toMatchObject({ issuer: "opsi", label: "anna@server.example.org", period: 30, digits: 6 });
  expect(read.secret.base32).toBe(user?.otpSecret);
  expect(await site.admin("user_updateMultiFactorAuth", "anna", "totp", "qrcode")).toMatch(/^[█▀▄ \n]{800,}$/);
  expect(await site.admin("user_updateMultiFactorAuth", "anna", "inactive")).toBe("");
  expect(await site.admin("user_getObjects")).toMatchObject([{ otpSecret: "", mfaState: "inactive" }]);
});

test.each(["a*", "*", "<z", ["anna"], null])("a pattern is no user: %j", async (id) => {
  await makeUser();
  await expect(site.admin("user_updateMultiFactorAuth", id, "inactive")).rejects.toMatchObject({
    class: "BackendMissingDataError",
  });
  expect(await site.admin("user_getObjects")).toMatchObject([{ otpSecret: "SECRET" }]);
});

test.each(["user_updateMultiFactorAuth", "user_setCredentials"])("clients and users cannot call %s", async (method) => {
  await makeUser();
  for (const call of [site.client(own), site.user]) {
    await expect(call(method, "anna", "inactive")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  }
});

test("passwords are stored as the original stores them", async () => {
  writeFileSync(file, "# kept by nobody\n\n old : 00\nanna:ff:ff\n");
  await site.admin("user_setCredentials", "Pcpatch", "päss wort");
  const lines = readFileSync(file, "utf8").split("\n");
  expect(lines).toEqual([
    "old:00",
    expect.stringMatching(/^anna:/),
    expect.stringMatching(/^pcpatch:[0-9a-f]{32}$/),
    "",
  ]);
  expect(decryptText(serverKey, lines[2]?.split(":")[1] ?? "")).toBe("päss wort");
  expect(statSync(file).mode & 0o777).toBe(0o660);
  expect(await site.admin("user_getCredentials")).toEqual({ password: "päss wort", rsaPrivateKey: "" });
});

test("a host gets passwords under its own key", async () => {
  await site.admin("user_setCredentials", "pcpatch", "secret");
  const [{ opsiHostKey = "" } = {}] = (await site.admin("host_getObjects", [], { id: own })) as {
    opsiHostKey?: string;
  }[];
  const { password } = (await site.client(own)("user_getCredentials", "pcpatch", own)) as { password: string };
  expect(decryptText(opsiHostKey, password)).toBe("secret");
  expect(await site.client(own)("getPcpatchPassword", own)).toBe(password);
  const other = (await site.client(own)("user_getCredentials", "pcpatch", foreign)) as { password: string };
  expect(other.password).not.toBe(password);
  await expect(site.user("getPcpatchPassword", own)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
});

test.each([
  ["anna", 'a"b', `Character '"' not allowed in password`],
  ["anna", "a\nroot:b", "not allowed in password"],
  ["anna", "a\0b", "not allowed in password"],
  ["an\nna", "x", "Bad username"],
  ["an:na", "x", "Bad username"],
  [" ", "x", "Bad username"],
])("what could not be read back is refused: %j %j", async (name, password, message) => {
  await expect(site.admin("user_setCredentials", name, password)).rejects.toThrow(message);
  expect(readdirSync(site.folders.configuration)).not.toContain("passwd");
});

test("changes at the same time do not get lost, and no temporary files stay", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `user${index}`);
  await Promise.all(names.map((name) => site.admin("user_setCredentials", name, randomBytes(8).toString("hex"))));
  expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(names.length);
  expect(readdirSync(site.folders.configuration).filter((name) => name.startsWith("."))).toEqual([]);
  await site.admin("user_setCredentials", "user0", "");
  await expect(site.admin("user_getCredentials", "user0")).rejects.toThrow(
    "Username 'user0' not found in '/etc/opsi/passwd'",
  );
});

test("a password under another key is an error, not nonsense", async () => {
  writeFileSync(file, "anna:0011\nbob:00112233445566778899aabbccddeeff\n");
  for (const name of ["anna", "bob"]) {
    await expect(site.admin("user_getCredentials", name)).rejects.toThrow("Failed to decrypt");
  }
});
