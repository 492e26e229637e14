import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf, fromHash, OpsiConfigserver } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { decryptText, encryptText } from "./blowfish.ts";
import { Credentials } from "./credentials.ts";
import { PasswordFile } from "./password-file.ts";

const hostId = "server.example.org";
const key = "0123456789abcdef0123456789abcdef";
let folder: string;
let file: string;
let storage: SqliteStorage;
let system: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "credentials-"));
  file = join(folder, "passwd");
  storage = await SqliteStorage.open(join(folder, "opsi.sqlite"));
  system = [];
  await storeOwnHost(key);
});
afterEach(async () => {
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function storeOwnHost(opsiHostKey: string): Promise<void> {
  const hosts = familyOf("host");
  if (hosts) await storage.write(hosts, [fromHash(OpsiConfigserver, { id: hostId, opsiHostKey })], "insert");
}

const credentials = (ownId = hostId) =>
  new Credentials(storage, new PasswordFile(file, "/etc/opsi/passwd"), {
    hostId: ownId,
    depotUser: "pcpatch",
    depotUserKeyFile: join(folder, "id_rsa"),
    setSystemPassword: async (username, password) => void system.push(`${username}:${password}`),
  });

test("a new site gets a password for its depot user, once", async () => {
  await credentials().ensureDepotUserPassword();
  const { password } = await credentials().get("pcpatch");
  expect(password).toMatch(/^[A-Za-z0-9/^@?-]{32}$/);
  await credentials().ensureDepotUserPassword();
  expect((await credentials().get("pcpatch")).password).toBe(password);
  expect(system).toEqual([`pcpatch:${password}`]);
});

test("a password that was encrypted elsewhere is left alone", async () => {
  writeFileSync(file, "pcpatch:0011223344556677\n");
  await credentials().ensureDepotUserPassword();
  expect(readFileSync(file, "utf8")).toBe("pcpatch:0011223344556677\n");
});

test("only the depot user has a password in the system, and a private key", async () => {
  writeFileSync(join(folder, "id_rsa"), "PRIVATE KEY\n");
  await credentials().set("monitoring", "m");
  await credentials().set("pcpatch", "p");
  expect(system).toEqual(["pcpatch:p"]);
  expect(await credentials().get("monitoring")).toEqual({ password: "m", rsaPrivateKey: "" });
  expect(await credentials().get("pcpatch")).toEqual({ password: "p", rsaPrivateKey: "PRIVATE KEY\n" });
  const encrypted = await credentials().getForHost("pcpatch", hostId);
  expect(decryptText(key, encrypted.rsaPrivateKey)).toBe("PRIVATE KEY\n");
  expect(await credentials().find("monitoring")).toBe("m");
  expect(await credentials().find("nobody")).toBe(null);
});

test("without the own host or its key nothing can be read", async () => {
  await expect(credentials("other.example.org").get("x")).rejects.toThrow("Depot 'other.example.org' not found");
  await expect(credentials().getForHost("x", hostId)).rejects.toThrow("Username 'x' not found");
  await credentials().set("x", "y");
  await expect(credentials().getForHost("x", "pc9.example.org")).rejects.toThrow("Host 'pc9.example.org' not found");
});

test.each([
  ["0e69446dccda9815b5ed13cc33040181", "geheim123", "1b37242c9f550bc633b9eb7574b5d813"],
  ["0e69446dccda9815b5ed13cc33040181", "xxxxxxxx", "21111781c171de6d"],
  ["97ed46f2ecca5cc9ad24946e5ef70a42", "geheim123", "f37f59b597e65536e818539f73d471c4"],
])("texts are encrypted as the original does", (hostKey, text, encrypted) => {
  expect(encryptText(hostKey, text)).toBe(encrypted);
  expect(decryptText(hostKey, encrypted)).toBe(text);
});

test.each(["0", "zz", "0011", "00112233445566778899"])("%s was not encrypted", (text) => {
  expect(() => decryptText(key, text)).toThrow("Failed to decrypt");
  expect(() => encryptText("", text)).toThrow("Missing key");
});
