import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, startTestSite, type TestSite, user } from "../test-site.ts";
import { TransferStore } from "./transfer-store.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite(["--max-file-transfer-size", "1"]);
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

test("a page that somebody stored runs no scripts", async () => {
  const headers = { "content-type": "text/html" };
  const stored = await site.send("POST", "/file-transfer", { login: user, headers, body: "<script>alert(1)</script>" });
  const { file_id: id } = stored.json() as { file_id: string };
  const fetched = await site.send("GET", `/file-transfer/${id}`, { login: admin });
  expect(fetched.headers["content-security-policy"]).toBe("sandbox");
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

const formHead = (name: string) => `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;

test("nobody but an administrator fills the disk, and a full share does not hinder others", async () => {
  site.hosts.push({ id: "pc1.corpus.test", type: "OpsiClient", opsiHostKey: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" });
  const client = "pc1.corpus.test:0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  const store = async (login: string, bytes: number) =>
    site.send("POST", "/file-transfer", { login, body: Buffer.alloc(bytes) });
  const first = await store(client, 600_000);
  expect(first.status).toBe(201);
  const tooMuch = await store(client, 10_000_000);
  expect([tooMuch.status, tooMuch.json()]).toEqual([
    413,
    expect.objectContaining({ class: "ValueError", message: expect.stringContaining("option max-file-transfer-size") }),
  ]);
  const form = Buffer.concat([Buffer.from(formHead("x")), Buffer.alloc(600_000), Buffer.from("\r\n--b--\r\n")]);
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  expect((await site.send("POST", "/file-transfer/multipart", { login: client, headers, body: form })).status).toBe(
    413,
  );
  expect(
    await Promise.all([store(client, 300_000), store(client, 300_000)].map(async (one) => (await one).status)),
  ).toContain(413);
  expect([(await store(user, 600_000)).status, (await store(admin, 10_000_000)).status]).toEqual([201, 201]);
  const { file_id: id } = first.json() as { file_id: string };
  await site.send("DELETE", `/file-transfer/${id}`, { login: client });
  expect((await store(client, 600_000)).status).toBe(201);
});

test("many empty files are too much as well, and those of an earlier process count", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-transfer-"));
  try {
    let now = Date.now();
    const about = { fileName: null, contentType: null, username: "u" };
    const store = (to: TransferStore) => to.store(Readable.from([]), about, 1_000_000);
    const first = new TransferStore(folder, () => now);
    for (let count = 0; count < 15; count++) await store(first);
    await expect(store(first)).rejects.toThrow("The files of 'u' in /file-transfer are larger than 1 MB");
    const second = new TransferStore(folder, () => now);
    await second.cleanUp();
    await expect(store(second)).rejects.toThrow("larger than 1 MB");
    now += 25 * 3_600_000;
    await second.cleanUp();
    await store(second);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a form that ends too early leaves none of its files", async () => {
  const before = readdirSync(site.folders.fileTransfer);
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const body = `${formHead("one")}x\r\n${formHead("two")}y`;
  expect((await site.send("POST", "/file-transfer/multipart", { login: admin, headers, body })).status).toBe(422);
  expect(readdirSync(site.folders.fileTransfer)).toEqual(before);
});

test("the clean-up leaves a file alone that is just handed over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-transfer-"));
  try {
    const later = Date.now() + 3_600_000;
    const store = new TransferStore(folder, () => later);
    const id = await store.store(Readable.from([Buffer.from("x")]), {
      fileName: null,
      contentType: null,
      username: "u",
    });
    const broken = store.handOver(id, async () => {
      await store.cleanUp();
      throw new Error("cut");
    });
    await expect(broken).rejects.toThrow("cut");
    expect((await store.find(id))?.size).toBe(1);
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
