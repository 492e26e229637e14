import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, basic, client, FaultSite, own, sleep, tolerableWait } from "./fault-site.ts";
import { seed } from "./seed.ts";

/* Full disks, killed processes, lines that are cut: what was acknowledged is there, the rest goes on. */

/** A small disk in memory. */
function smallDisk(path: string, megabytes: number): Disposable {
  mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  if (status !== 0) throw new Error(`mount: ${stderr}`);
  return { [Symbol.dispose]: () => void spawnSync("umount", ["-l", path]) };
}

/** Takes all the space that is left. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 1 << 20; size >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(size, 1));
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}

test("a full disk refuses writes, reads go on, and with space again writes do too", async () => {
  const root = mkdtempSync(join(tmpdir(), "opsi-full-"));
  try {
    using _disk = smallDisk(root, 32);
    await using site = await FaultSite.start({ root });
    await seed(site);
    const stuffing = join(root, "stuffing");
    const notes = "n".repeat(8000);
    const write = () => site.call(admin, "host_updateObject", { type: "OpsiClient", id: own.id, notes });
    const read = async () => JSON.stringify(await site.must("host_getObjects", ["notes"], { id: own.id }));
    const before = await read();
    const passwordFile = () => readFileSync(join(root, "etc/opsi/passwd"), "utf8");
    const passwordsBefore = passwordFile();
    fill(stuffing);
    let failed = 0;
    for (let time = 0; time < 40; time++) {
      const many = Array.from({ length: 20 }, (_, index) => ({
        type: "OpsiClient",
        id: `new${time}-${index}.corpus.test`,
        notes,
      }));
      const { error } = await site.call(admin, "host_createObjects", many);
      if (error === null) continue; // room that the database had already
      expect(error.message).toMatch(/^Backend I\/O error: (The disk is full: nothing was written|.*No space left)/);
      failed++;
    }
    expect(failed).toBeGreaterThan(10);
    expect(await read()).toBe(before);
    expect((await site.must("host_getIdents")) as unknown[]).not.toHaveLength(0);
    expect((await site.send("GET", "/status/short")).status).toBe(200);
    const put = await site.send("PUT", "/depot/new.bin", { login: admin, body: Buffer.alloc(100_000) });
    expect(put.status).toBe(507);
    const stored = await site.send("POST", "/file-transfer", { login: client, body: Buffer.alloc(100_000) });
    expect(stored.status).toBeGreaterThanOrEqual(500);
    expect(readdirSync(join(root, "var/lib/opsi/depot"))).toEqual([]);
    const password = await site.call(admin, "user_setCredentials", "pcpatch", "x".repeat(5000));
    expect(password.error).toMatchObject({ class: "BackendIOError" });
    expect(passwordFile()).toBe(passwordsBefore);
    rmSync(stuffing);
    expect((await write()).error).toBeNull();
    expect(await read()).toContain(notes);
    expect((await site.send("PUT", "/depot/new.bin", { login: admin, body: Buffer.alloc(100_000) })).status).toBe(201);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("after a kill in the middle of 2 000 writes every acknowledged one is there", async () => {
  await using site = await FaultSite.start();
  await site.call(admin, "backend_info");
  const acknowledged: string[] = [];
  let next = 0;
  const writer = async () => {
    while (next < 2000 && site.running) {
      const id = `pc${next++}.corpus.test`;
      const answer = await site.call(admin, "host_createOpsiClient", id, null, `notes of ${id}`).catch(() => null);
      if (answer?.error === null) acknowledged.push(id);
    }
  };
  const writers = Array.from({ length: 16 }, writer);
  while (acknowledged.length < 700) await sleep(2);
  await site.kill();
  await Promise.all(writers);
  expect(acknowledged.length).toBeLessThan(2000);
  {
    using database = new DatabaseSync(join(site.root, "var/lib/opsi/opsi.sqlite"));
    expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(database.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  }
  await site.run();
  const ids = new Set((await site.must("host_getIdents", "str", { type: "OpsiClient" })) as string[]);
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  expect((await site.call(admin, "host_createOpsiClient", "after.corpus.test")).error).toBeNull();
});

async function open(site: FaultSite): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false });
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return socket;
}

test("lines that are cut, slow or silent do not stop others", async () => {
  await using site = await FaultSite.start();
  await seed(site);
  const big = join(site.root, "var/lib/opsi/public/big.bin");
  writeFileSync(big, Buffer.alloc(50_000_000));
  const authorization = `Authorization: ${basic(client)}`;
  const call = JSON.stringify({
    id: 1,
    method: "host_updateObject",
    params: [{ type: "OpsiClient", id: own.id, notes: "cut" }],
  });
  const beginnings = [
    "",
    "G",
    "GET /status/short HTTP/1.1\r\n",
    "GET /status/short HTTP/1.1\r\nHost: x\r\n",
    `POST /rpc HTTP/1.1\r\nHost: x\r\n${authorization}\r\nContent-Length: 1000\r\n\r\n${call}`,
    `POST /rpc HTTP/1.1\r\nHost: x\r\n${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"met`,
    `PUT /depot/x HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(admin)}\r\nContent-Length: 1000\r\n\r\nhalf`,
    "GET /public/big.bin HTTP/1.1\r\nHost: x\r\n\r\n",
    `PROPFIND /public/ HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<D:prop`,
  ];
  const before = site.snapshot();
  const sockets: TLSSocket[] = [];
  for (let round = 0; round < 30; round++) {
    for (const text of beginnings) {
      const socket = await open(site);
      socket.pause();
      if (text !== "") socket.write(text);
      sockets.push(socket);
    }
  }
  // 270 connections that never end; each now and then a byte
  for (let round = 0; round < 10; round++) {
    for (const [index, socket] of sockets.entries()) if (index % 9 === 3) socket.write("X");
    const { status, milliseconds } = await site.send("GET", "/status/short");
    expect(status).toBe(200);
    expect(milliseconds).toBeLessThan(tolerableWait);
    expect((await site.call(client, "host_getObjects", ["id"], { id: own.id })).error).toBeNull();
  }
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => site.snapshot(), { timeout: 10_000, interval: 100 }).toEqual(before);
  expect(site.running).toBe(true);
  expect(site.memory().now).toBeLessThan(600);
  expect(
    (await site.call(admin, "host_updateObject", { type: "OpsiClient", id: own.id, notes: "whole" })).error,
  ).toBeNull();
});

let plainSite: FaultSite;
beforeAll(async () => {
  plainSite = await FaultSite.start();
});
afterAll(() => plainSite[Symbol.asyncDispose]());

test.each<[what: string, bytes: string | Buffer]>([
  ["no HTTP", "hello\r\n\r\n"],
  ["a header without end", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}`],
  ["many headers", `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(20_000)}\r\n`],
  ["two lengths", "POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"],
  [
    "a length and chunks",
    "POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["a negative length", "POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"],
  ["a length that is no number", "POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 1e9\r\n\r\n"],
  ["a bare line feed", "GET / HTTP/1.1\nHost: x\n\n"],
  ["a blank in a header name", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"],
  ["a NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"],
  ["a path of a megabyte", `GET /${"a".repeat(1_000_000)} HTTP/1.1\r\n\r\n`],
  ["noise", Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256))],
])("%s is refused and the connection ends", async (_what, bytes) => {
  const socket = await open(plainSite);
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  socket.write(bytes);
  const closed = new Promise<boolean>((resolve) => socket.once("close", () => resolve(true)));
  const ended = await Promise.race([closed, sleep(10_000).then(() => false)]);
  socket.destroy();
  expect(ended).toBe(true);
  expect(Buffer.concat(pieces).toString("latin1")).toMatch(/^(HTTP\/1\.1 4\d\d|$)/);
  expect((await plainSite.send("GET", "/status/short")).status).toBe(200);
});
