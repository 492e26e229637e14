import { createCipheriv, pbkdf2Sync } from "node:crypto";
import { gzipSync } from "node:zlib";
import { isOpsiError } from "@opsi-ts/model";
import { compressLz4, encodeMessagePack } from "@opsi-ts/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BackupDocument, decodeBackup, encodeBackup } from "./document.ts";

const document: BackupDocument = {
  meta: {
    ...{ type: "opsiconfd_backup", version: "1", opsiconfd_version: "4.3.23.7", timestamp: 1.5 },
    ...{ datetime: "2024-01-02 03:04:05", node_name: "server", fqdn: "server.example.org" },
    ...{ host_id: "server.example.org", server_id: "server.example.org" },
  },
  objects: { Host: [{ type: "OpsiClient", id: "pc1.example.org", notes: "ä€😀" }] },
  config_files: { opsi_conf: { path: "/etc/opsi/opsi.conf", content: null } },
};

test.each([null, "secret ä", "geheim ☃"])("what was written is read again, password %s", async (password) => {
  const bytes = await encodeBackup(document, password);
  expect(Buffer.from(bytes).subarray(0, 20).toString() === "{aes-256-gcm-sha256}").toBe(password !== null);
  expect(await decodeBackup(bytes, password)).toEqual(document);
});

test.each<[what: string, bytes: () => Promise<Uint8Array> | Uint8Array]>([
  ["plain JSON", () => Buffer.from(JSON.stringify(document))],
  ["JSON in gzip", () => gzipSync(JSON.stringify(document))],
  ["plain MessagePack", () => encodeMessagePack(document)],
  ["JSON in LZ4", () => compressLz4(Buffer.from(JSON.stringify(document)), false)],
])("forms that the original also writes: %s", async (_what, bytes) => {
  expect(await decodeBackup(await bytes(), null)).toEqual(document);
});

test("a wrong or missing password", async () => {
  const bytes = await encodeBackup(document, "right");
  await expect(decodeBackup(bytes, "wrong")).rejects.toThrow(/^Failed to decrypt, password incorrect/);
  await expect(decodeBackup(bytes, null)).rejects.toThrow("no password");
});

// The original takes the letters of a password for Latin-1.
test("a file that the original encrypted with umlauts in the password", async () => {
  const salt = Buffer.alloc(32, 1);
  const nonce = Buffer.alloc(16, 2);
  const key = pbkdf2Sync(Buffer.from("geheim ä", "latin1"), salt, 200_000, 32, "sha256");
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(document)), cipher.final()]);
  const bytes = Buffer.concat([Buffer.from("{aes-256-gcm-sha256}"), salt, cipher.getAuthTag(), nonce, text]);
  expect(await decodeBackup(bytes, "geheim ä")).toEqual(document);
});

test.each([
  ["{aes-256-gcm-sha256}12345", /the file is cut/],
  ["{aes-999-gcm-sha256}12345", /only {aes-256-gcm-sha256} is known/],
  ["\x1f\x8b\x08", /damaged or cut/],
])("%j is cut or of another kind", async (text, error) => {
  await expect(decodeBackup(Buffer.from(text, "latin1"), "x")).rejects.toThrow(error);
});

test.each([
  [{ ...document, meta: { ...document.meta, type: "x" } }, "Invalid backup"],
  [{ ...document, meta: { ...document.meta, version: "2" } }, "Invalid backup version: 2"],
  [{ ...document, objects: { Host: ["x"] } }, "no objects"],
  [{ ...document, config_files: { acl_conf: null } }, "bad configuration files"],
  [
    { ...document, config_files: { opsi_conf: { path: "/etc/opsi/opsi.conf", content: 5 } } },
    "bad configuration files",
  ],
  [5, "Invalid backup"],
])("%# is no backup", async (value, error) => {
  await expect(decodeBackup(encodeMessagePack(value), null)).rejects.toThrow(error);
});

test("whatever bytes: a backup or a typed error", () =>
  fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, marked) => {
      const mark = marked ? Buffer.from("{aes-256-gcm-sha256}") : Buffer.alloc(0);
      await decodeBackup(Buffer.concat([mark, bytes]), "x").catch((error: unknown) => {
        const known = isOpsiError(error) || (error as Error).name === "LimitError";
        expect(known).toBe(true);
      });
    }),
    { numRuns: 30 }, // each derives a key
  ));
