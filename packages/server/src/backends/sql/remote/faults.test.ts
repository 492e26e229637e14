import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ObjectStore } from "../../storage.ts";
import { sql } from "../fragment.ts";
import type { DatabaseSettings } from "./database-settings.ts";
import type { RemoteStorage } from "./remote-storage.ts";
import { type TestServer, testServers } from "./test-servers.ts";

const hosts = familyOf("host");

function client(id: string, more: Record<string, unknown> = {}): OpsiObject {
  const type = objectTypes.get("OpsiClient");
  if (!type) throw new Error("OpsiClient");
  return fromHash(type, { type: "OpsiClient", id, opsiHostKey: "0".repeat(32), ...more });
}

/** Adds one to the number that a client has as inventory number. */
async function count(store: ObjectStore, id: string): Promise<void> {
  const [host] = await store.read(hosts, { filter: { id } });
  const inventoryNumber = String(Number(host?.["inventoryNumber"] ?? 0) + 1);
  await store.write(hosts, [client(id, { inventoryNumber })], "update");
}

const counted = async (storage: RemoteStorage, id: string) =>
  Number((await storage.read(hosts, { filter: { id } }))[0]?.["inventoryNumber"]);

const start = client("pc1.example.org", { inventoryNumber: "0" });

/** Two that wait for each other once. */
function meetingOfTwo(): () => Promise<void> {
  const both = Promise.withResolvers<void>();
  let missing = 2;
  return () => {
    if (--missing === 0) both.resolve();
    return both.promise;
  };
}

const ids = ["pc1.example.org", "pc2.example.org"];
const both = ids.map((id) => client(id, { inventoryNumber: "0" }));

/**
 * Stands between server and client. `cuts`: how often it hangs up instead of saying what became of a COMMIT. `isMute`:
 * it takes everything and says nothing, as a network does of which a part is gone.
 */
async function cuttingProxy(target: string, socket: (address: string) => string) {
  const folder = await mkdtemp(join(tmpdir(), "proxy-"));
  const address = socket("") === "" ? join(folder, "socket") : folder;
  const proxy = { address, cuts: 0, isMute: false };
  const listener = createServer((near) => {
    const far = connectSocket(socket(target));
    let isCut = false;
    near.on("data", (chunk) => {
      if (proxy.cuts > 0 && chunk.includes("COMMIT")) {
        proxy.cuts--;
        isCut = true;
      }
      far.write(chunk);
    });
    far.on("data", (chunk) => {
      if (isCut) near.destroy();
      else if (!proxy.isMute) near.write(chunk);
    });
    for (const [end, otherEnd] of [
      [near, far],
      [far, near],
    ] as const) {
      end.on("error", () => {});
      end.on("close", () => otherEnd.destroy());
    }
  });
  listener.listen(socket(address));
  await once(listener, "listening");
  return {
    proxy,
    async [Symbol.asyncDispose]() {
      listener.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe.each(testServers)("%s", (_name, { start: startServer, startSmall, open, connect, socket }) => {
  let server: TestServer;
  let settings: DatabaseSettings;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    settings = server.newDatabase();
  });

  test("two servers that start on an empty database at once make one schema", async () => {
    await using first = new AsyncDisposableStack();
    const storages = await Promise.all([1, 2, 3].map(() => open(settings)));
    for (const storage of storages) first.use(storage);
    await storages[0]?.write(hosts, [start], "insert");
    expect(await storages[1]?.count(hosts)).toBe(1);
  });

  test("two servers that change the same object lose no change", async () => {
    await using one = await open(settings);
    await using other = await open(settings);
    await one.write(hosts, [start], "insert");
    const changes = Array.from({ length: 60 }, (_, index) =>
      (index % 2 === 0 ? one : other).transaction((store) => count(store, "pc1.example.org")),
    );
    await Promise.all(changes);
    expect(await counted(one, "pc1.example.org")).toBe(60);
  });

  test("transactions in each other's way both come through", async () => {
    await using storage = await open(settings);
    await storage.write(hosts, both, "insert");
    const meet = meetingOfTwo();
    let attempts = 0;
    const inOrder = ([first = "", second = ""]: readonly string[]) =>
      storage.transaction(async (store) => {
        attempts++;
        await count(store, first);
        await meet();
        await count(store, second);
      });
    await Promise.all([inOrder(ids), inOrder(ids.toReversed())]);
    expect(attempts).toBe(3);
    expect(await Promise.all(ids.map((id) => counted(storage, id)))).toEqual([2, 2]);
  });

  // After a dead-lock the server is outside of the transaction: what came then was kept for itself.
  test("who does not mind a dead-lock does not get half of a transaction", async () => {
    await using storage = await open(settings);
    await storage.write(hosts, both, "insert");
    const meet = meetingOfTwo();
    const carelessly = ([first = "", second = ""]: readonly string[]) =>
      storage.transaction(async (store) => {
        await count(store, first);
        await meet();
        await count(store, second).catch(() => {});
        await store.write(hosts, [client(first, { notes: "done" })], "update");
      });
    await Promise.all([carelessly(ids), carelessly(ids.toReversed())]);
    expect(await Promise.all(ids.map((id) => counted(storage, id)))).toEqual([2, 2]);
  });

  test("a connection that is killed in a transaction is replaced", async () => {
    await using storage = await open(settings);
    await storage.write(hosts, [start], "insert");
    let attempts = 0;
    await storage.transaction(async (store) => {
      attempts++;
      await count(store, "pc1.example.org");
      if (attempts === 1) await server.killConnections(settings.database);
      await count(store, "pc1.example.org");
    });
    expect(attempts).toBe(2);
    expect(await counted(storage, "pc1.example.org")).toBe(2);
  });

  test("connections that the server closed while nobody used them are not used", async () => {
    await using storage = await open(settings);
    await storage.write(hosts, [start], "insert");
    await server.killConnections(settings.database);
    expect(await storage.count(hosts)).toBe(1);
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "what was acknowledged survives %s of the database under load",
    async (signal) => {
      await using storage = await open(settings);
      await storage.write(hosts, [start], "insert");
      const acknowledged: string[] = [];
      let attempted = 0;
      let ended = false;
      const write = async (writer: number) => {
        for (let number = 0; !ended; number++) {
          const id = `pc${writer}-${number}.example.org`;
          attempted++;
          await storage.write(hosts, [client(id)], "insert");
          acknowledged.push(id);
        }
      };
      const writers = Promise.all([2, 3, 4, 5].map(write));
      while (acknowledged.length < 50) await setTimeout(5);
      await server.end(signal);
      const before = acknowledged.length;
      await setTimeout(200);
      await server.startAgain();
      while (acknowledged.length < before + 50) await setTimeout(5);
      ended = true;
      await writers;
      const stored = new Set((await storage.readIdents(hosts)).map(({ id }) => id));
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      expect(acknowledged).toHaveLength(attempted);
    },
  );

  test("a snapshot shows what was there when it began", async () => {
    await using storage = await open(settings);
    await storage.write(hosts, [start], "insert");
    await using snapshot = storage.snapshot();
    expect(await Array.fromAsync(snapshot.read(familyOf("config")))).toEqual([]);
    await storage.write(hosts, [client("pc2.example.org")], "insert");
    expect((await Array.fromAsync(snapshot.read(hosts))).flat()).toHaveLength(1);
    expect(await storage.count(hosts)).toBe(2);
  });

  test("a change of which nobody knows whether it was stored is not made twice", async () => {
    await using between = await cuttingProxy(settings.address, socket);
    await using storage = await open({ ...settings, address: between.proxy.address });
    await storage.write(hosts, [start], "insert");
    between.proxy.cuts = 1;
    await expect(storage.transaction((store) => count(store, "pc1.example.org"))).rejects.toMatchObject({
      class: "BackendTemporaryError",
      message: expect.stringContaining("may be stored or not"),
    });
    expect(await counted(storage, "pc1.example.org")).toBe(1);
    between.proxy.cuts = 1;
    await storage.write(hosts, [client("pc2.example.org")], "insert"); // the same whether once or twice
    expect(between.proxy.cuts).toBe(0);
    expect(await storage.count(hosts)).toBe(2);
  });

  test("a database that has gone without a word is given up, and looked for again", async () => {
    await using between = await cuttingProxy(settings.address, socket);
    const connection = await connect({ ...settings, address: between.proxy.address }, 300);
    between.proxy.isMute = true;
    await expect(connection.value(sql`SELECT 1`)).rejects.toMatchObject({
      remedy: "reconnect",
      message: expect.stringContaining("has not answered for 0.3 seconds"),
    });
    expect(connection.isLost).toBe(true);
  });

  test("a wrong password is refused at once and not shown", async () => {
    const wrong = { ...settings, username: "nobody", password: "secret-word" };
    const refusal = await open(wrong).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ class: "BackendUnableToConnectError" });
    expect(String(refusal)).not.toContain("secret-word");
  });

  test("on a full disk nothing is written by halves, and what there is can be read", async () => {
    await using small = await startSmall();
    await using storage = await open(small.newDatabase());
    const notes = () => randomBytes(4000).toString("hex"); // some compress texts
    const bundle = (number: number) =>
      Array.from({ length: 100 }, (_, index) => client(`pc${number}-${index}.example.org`, { notes: notes() }));
    let written = 0;
    const fill = async () => {
      for (let number = 0; number < 200; number++) {
        await storage.write(hosts, bundle(number), "insert");
        written += 100;
      }
    };
    await expect(fill()).rejects.toMatchObject({ class: "BackendIOError" });
    expect(written).toBeGreaterThan(0);
    expect(await storage.count(hosts)).toBe(written);
    await storage.remove(hosts, [{ id: "pc0-0.example.org" }]);
    expect(await storage.count(hosts)).toBe(written - 1);
  });
});
