import { expect, test } from "vitest";
import { DeadProperties } from "./dead-properties.ts";
import { Locks, timeoutSeconds } from "./locks.ts";

const about = { root: "/x", owner: "" } as const;

test("an exclusive lock of a folder covers what is in it, also what comes later", () => {
  const locks = new Locks();
  const lock = locks.add({ ...about, path: "/d", scope: "exclusive", depth: "infinity" }, 60);
  expect(locks.covering("/d/new/file")).toEqual([lock]);
  expect(locks.covering("/dx")).toEqual([]);
  expect(locks.add({ ...about, path: "/d/a", scope: "shared", depth: "0" }, 60)).toBeNull();
});

test("shared locks stand beside each other, not beside an exclusive one", () => {
  const locks = new Locks();
  const shared = { ...about, path: "/d/a", scope: "shared", depth: "0" } as const;
  expect([locks.add(shared, 60), locks.add(shared, 60)].every((lock) => lock !== null)).toBe(true);
  expect(locks.add({ ...about, path: "/d", scope: "exclusive", depth: "infinity" }, 60)).toBeNull();
  expect(locks.add({ ...about, path: "/d", scope: "exclusive", depth: "0" }, 60)).not.toBeNull();
});

test("a lock ends with its time unless it is refreshed", () => {
  let now = 0;
  const locks = new Locks(() => now);
  const lock = locks.add({ ...about, path: "/a", scope: "exclusive", depth: "0" }, 60);
  if (lock === null) throw new Error("no lock");
  now = 59_000;
  locks.refresh(lock, 60);
  now = 118_000;
  expect(locks.at("/a")).toEqual([lock]);
  now = 120_000;
  expect(locks.at("/a")).toEqual([]);
});

test.each([
  ["Second-60", 60],
  ["Infinite, Second-7", 7],
  ["Infinite", 604_800],
  ["", 604_800],
  ["Second-x", 604_800],
])("Timeout %j", (header, seconds) => {
  expect(timeoutSeconds(header)).toBe(seconds);
});

test("dead properties follow a copy, and are forgotten with the file", () => {
  const properties = new DeadProperties();
  properties.set("/d/a", "{x}p", "<p/>");
  properties.copyTree("/d", "/e");
  properties.removeTree("/d");
  expect([properties.of("/d/a").size, properties.of("/e/a").get("{x}p")]).toEqual([0, "<p/>"]);
});

test("clients cannot fill the memory with properties", () => {
  const properties = new DeadProperties();
  let taken = 0;
  for (let count = 0; count < 20_000; count++) if (properties.set(`/f${count % 7}`, `{x}${count}`, "<x/>")) taken++;
  expect(taken).toBe(10_000);
  expect(properties.set("/f", "{x}big", "x".repeat(20_000))).toBe(false);
});
