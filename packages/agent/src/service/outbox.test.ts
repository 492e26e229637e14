import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { ServiceClient } from "@opsi-ts/protocol";
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
  const state = { away: false, refuse: new Set<unknown>() };
  const service = {
    async call(method: string, [first]: unknown[]) {
      if (method === "productOnClient_getObjects") return [];
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
