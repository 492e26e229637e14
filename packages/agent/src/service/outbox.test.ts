import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import { HttpError, RemoteError, type ServiceClient } from "@opsi-ts/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-outbox-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The end of the line: remembers what arrives, is away or refuses as told. */
function receiver() {
  const received: unknown[] = [];
  const state = { away: false, refuse: new Set<unknown>(), known: null as Record<string, unknown> | null };
  const service = {
    async call(method: string, [first]: unknown[]) {
      if (method === "productOnClient_getObjects") return state.known === null ? [] : [state.known];
      if (state.refuse.has(first)) throw new OpsiError("BackendBadValueError", "no");
      received.push(first);
      return null;
    },
  };
  const client = async () => {
    if (state.away) throw new OpsiError("OpsiServiceConnectionError", "away");
    return service as unknown as ServiceClient;
  };
  return { received, state, client };
}

test("what is sent while the service is away comes in order when it is back, also from another process", async () => {
  const { received, state, client } = receiver();
  const first = await Outbox.open(folder, silentLog);
  state.away = true;
  expect(await first.send("log_write", ["a"], client)).toBe("away");
  expect(await first.send("log_write", ["b"], client)).toBe("away");
  expect(await readdir(folder)).toHaveLength(2);

  const second = await Outbox.open(folder, silentLog); // the first process was killed
  state.away = false;
  expect(await second.send("log_write", ["c"], client)).toBe("empty");
  expect(received).toEqual(["a", "b", "c"]);
  expect(await readdir(folder)).toEqual([]);
});

test("a call that the service refuses is an error for its sender and does not hold up the others", async () => {
  const { received, state, client } = receiver();
  const outbox = await Outbox.open(folder, silentLog);
  state.refuse.add("bad");
  await expect(outbox.send("log_write", ["bad"], client)).rejects.toThrow(/Backend bad value error: no/);
  await outbox.send("log_write", ["good"], client);
  expect(received).toEqual(["good"]);
  expect(outbox.size).toBe(0);
});

test.each<[what: string, where: "connecting" | "calling", error: OpsiError]>([
  ["refuses our key", "connecting", new OpsiError("OpsiServiceAuthenticationError", "no")],
  ["cannot be verified", "connecting", new OpsiError("OpsiServiceVerificationError", "expired")],
  ["has locked us out", "calling", new HttpError(403, "blocked")],
  [
    "has a busy database",
    "calling",
    new RemoteError({ class: "BackendTemporaryError", message: "busy", details: null }),
  ],
])("a service that %s does not cost a result", async (_what, where, error) => {
  const { received, client } = receiver();
  const outbox = await Outbox.open(folder, silentLog);
  const trouble = async () => {
    if (where === "connecting") throw error;
    return { call: () => Promise.reject(error) } as unknown as ServiceClient;
  };
  expect(await outbox.send("log_write", ["a"], trouble)).toBe("away");
  expect(await readdir(folder)).toHaveLength(1);
  expect(await outbox.deliver(client)).toBe("empty");
  expect(received).toEqual(["a"]);
});

/** A service with one product on one client, which loses the first answer. */
function forgetful(before: Record<string, unknown>) {
  const product = { ...before };
  let lost = false;
  const service = {
    async call(method: string, [first]: unknown[]) {
      if (method === "productOnClient_getObjects") return [product];
      Object.assign(product, first);
      if (!lost) {
        lost = true;
        throw new OpsiError("OpsiServiceTimeoutError", "no answer");
      }
      return null;
    },
  };
  return { product, client: async () => service as unknown as ServiceClient };
}

test("a result whose answer was lost does not take away the request that came after it", async () => {
  const { product, client } = forgetful({ productId: "demo", actionRequest: "setup" });
  const outbox = await Outbox.open(folder, silentLog);
  const result = { productId: "demo", actionRequest: "none", actionResult: "successful" };
  expect(await outbox.send("productOnClient_updateObject", [result], client)).toBe("away");
  product["actionRequest"] = "uninstall"; // an administrator, meanwhile
  expect(await outbox.deliver(client)).toBe("empty");
  expect(product).toEqual({ productId: "demo", actionRequest: "uninstall", actionResult: "successful" });
});

test("a call that only sets a request is delivered after a kill", async () => {
  const { received, state, client } = receiver();
  state.away = true;
  const first = await Outbox.open(folder, silentLog);
  const request = { productId: "demo", actionRequest: "setup" };
  await first.send("productOnClient_updateObject", [request], client);
  state.away = false;
  state.known = { productId: "demo", actionRequest: "none", actionResult: "successful" };
  await (await Outbox.open(folder, silentLog)).deliver(client);
  expect(received).toEqual([request]);
});

test("nothing is written over a file that was left aside", async () => {
  const { state, client } = receiver();
  state.away = true;
  await writeFile(join(folder, "00000001.json"), "{broken");
  const outbox = await Outbox.open(folder, silentLog);
  await outbox.send("log_write", ["a"], client);
  expect(await readFile(join(folder, "00000001.json"), "utf8")).toBe("{broken");
});

test("logs that nobody takes do not fill memory and disk; results stay", async () => {
  const { received, state, client } = receiver();
  state.away = true;
  const outbox = await Outbox.open(folder, silentLog);
  const log = "x".repeat(30_000_000);
  await outbox.send("productOnClient_updateObject", ["result"], client);
  for (const end of ["1", "2", "3", "4"]) await outbox.send("log_write", [log + end], client);
  state.away = false;
  await outbox.deliver(client);
  expect(received.map((text) => String(text).slice(-6))).toEqual(["result", "xxxxx2", "xxxxx3", "xxxxx4"]);
});

test("a disk that takes nothing more does not keep a result from the service", async () => {
  const { received, state, client } = receiver();
  const outbox = await Outbox.open(folder, silentLog);
  await mkdir(join(folder, "00000001.json.tmp")); // so that nothing can be written there
  state.away = true;
  expect(await outbox.send("log_write", ["a"], client)).toBe("away");
  state.away = false;
  expect(await outbox.send("log_write", ["b"], client)).toBe("empty");
  expect(received).toEqual(["a", "b"]);
});

test("a file that is no call is left aside", async () => {
  const { received, client } = receiver();
  await writeFile(join(folder, "00000007.json"), "{broken");
  const outbox = await Outbox.open(folder, silentLog);
  await outbox.send("log_write", ["a"], client);
  expect(received).toEqual(["a"]);
  expect(await readdir(folder)).toEqual(["00000007.json"]);
});

test("whatever the order of sending, going and killing: everything arrives, in order, at least once", async () => {
  const steps = fc.array(fc.constantFrom("send", "send", "go", "come", "kill"), { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const own = await mkdtemp(join(folder, "run-"));
      const { received, state, client } = receiver();
      let outbox = await Outbox.open(own, silentLog);
      let sent = 0;
      for (const step of list) {
        if (step === "send") await outbox.send("log_write", [sent++], client);
        else if (step === "kill") outbox = await Outbox.open(own, silentLog);
        else state.away = step === "go";
      }
      state.away = false;
      expect(await outbox.deliver(client)).toBe("empty");
      expect(received).toEqual(Array.from({ length: sent }, (_, index) => index));
    }),
    { numRuns: 25 },
  );
});
