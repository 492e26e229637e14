import { expect, test } from "vitest";
import { Refusal } from "./refusal.ts";
import { sessionCookie } from "./session-cookie.ts";
import { SessionStore } from "./session-store.ts";

function newStore(maxPerAddress = 3) {
  const clock = { now: 1_000_000 };
  const excludedAddresses = new Set(["127.0.0.1"]);
  const store = new SessionStore({ lifetime: 120, maxPerAddress, excludedAddresses }, () => clock.now);
  const keep = (address: string) => {
    const session = store.create(address, "test");
    store.keep(session);
    return session;
  };
  return { store, clock, keep };
}

test("a session lives as long as it is used, and ends when it is not", () => {
  const { store, clock, keep } = newStore();
  const { id } = keep("10.0.0.1");
  for (let minute = 0; minute < 5; minute++) {
    clock.now += 100_000;
    const session = store.find(id);
    expect(session).not.toBeNull();
    if (session !== null) store.use(session, "10.0.0.1", "test", clock.now);
  }
  clock.now += 121_000;
  expect(store.find(id)).toBeNull();
});

test("the message bus keeps a session alive and its cookie without end", () => {
  const { store, clock, keep } = newStore();
  const session = keep("10.0.0.1");
  clock.now += 110_000;
  session.messagebusLastUsed = clock.now;
  clock.now += 59_000;
  expect(store.find(session.id)).toBe(session);
  expect(sessionCookie(session, clock.now)).not.toContain("Max-Age");
});

test("what was not kept is unknown", () => {
  const { store } = newStore();
  expect(store.find(store.create("10.0.0.1", "").id)).toBeNull();
});

test("an address has so many sessions; ended and expired ones do not count, this machine has no limit", () => {
  const { store, clock, keep } = newStore(2);
  const first = keep("10.0.0.1");
  keep("10.0.0.1");
  expect(() => keep("10.0.0.1")).toThrow(Refusal);
  keep("10.0.0.2");
  for (let count = 0; count < 5; count++) keep("127.0.0.1");
  store.delete(first);
  keep("10.0.0.1");
  clock.now += 121_000;
  keep("10.0.0.1");
});

test("a depot's address has no limit for the length of a session", () => {
  const { store, clock, keep } = newStore(1);
  keep("10.0.0.1");
  store.noteDepotAddress("10.0.0.1");
  keep("10.0.0.1");
  clock.now += 119_000;
  keep("10.0.0.1");
});

test("a session that moves counts for its new address", () => {
  const { store, clock, keep } = newStore(1);
  const session = keep("10.0.0.1");
  store.use(session, "10.0.0.2", "test", clock.now);
  keep("10.0.0.1");
  expect(() => keep("10.0.0.2")).toThrow(Refusal);
});

test("whoever listens hears of every end once", () => {
  const { store, clock, keep } = newStore();
  const ended: string[] = [];
  store.onEnd(({ address }) => ended.push(address));
  store.delete(keep("10.0.0.1"));
  keep("10.0.0.2");
  clock.now += 121_000;
  store.sweep();
  store.sweep();
  expect(ended).toEqual(["10.0.0.1", "10.0.0.2"]);
});
