import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite, user } from "../test-site.ts";
import { TransferStore } from "./transfer-store.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test("a file is handed over once", async () => {
  const stored = await site.send("POST", "/file-transfer/raw", {
    login: user,
    body: "content",
    headers: { "content-type": "a/b" },
  });
  expect(stored.status).toBe(201);
  const { file_id: id } = stored.json() as { file_id: string };
  expect((await site.send("GET", `/file-transfer/${id}`)).status).toBe(401);
  const fetched = await site.send("GET", `/file-transfer/${id}?delete=true`, { login: user });
  expect([fetched.text, fetched.headers["content-type"]]).toEqual(["content", "a/b"]);
  const again = await site.send("GET", `/file-transfer/${id}`, { login: user });
  expect([again.status, again.text]).toEqual([500, "Invalid file ID"]);
});

test("a form keeps the name, which comes back as it was", async () => {
  const body = '--b\r\nContent-Disposition: form-data; name="file"; filename="../x y.txt"\r\n\r\nhello\r\n--b--\r\n';
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const stored = await site.send("POST", "/file-transfer/multipart", { login: user, headers, body });
  const { file_id: id } = stored.json() as { file_id: string };
  const fetched = await site.send("GET", `/file-transfer/${id}`, { login: user });
  expect(fetched.headers["content-disposition"]).toBe("attachment; filename*=utf-8''../x%20y.txt");
  expect(fetched.text).toBe("hello");
});

test("what is no file id is said to be none", async () => {
  for (const path of ["/file-transfer/x", "/file-transfer/..%2f..%2fetc", "/file-transferx"]) {
    expect((await site.send("GET", path, { login: user })).status).toBe(path.includes("%2f") ? 404 : 422);
  }
});

test("files live for a day, others stay untouched", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-transfer-"));
  try {
    let now = Date.now();
    const store = new TransferStore(folder, () => now);
    const id = await store.store(Readable.from([Buffer.from("x")]), {
      fileName: null,
      contentType: null,
      username: "u",
    });
    writeFileSync(join(folder, "foreign"), "x");
    await store.cleanUp();
    expect((await store.find(id))?.size).toBe(1);
    now += 25 * 3_600_000;
    expect(await store.find(id)).toBeNull();
    await store.cleanUp();
    expect(readdirSync(folder)).toEqual(["foreign"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an upload that fails leaves nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-transfer-"));
  try {
    const broken = async function* () {
      yield Buffer.from("half");
      throw new Error("cut");
    };
    await expect(
      new TransferStore(folder).store(broken(), { fileName: null, contentType: null, username: "" }),
    ).rejects.toThrow("cut");
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
