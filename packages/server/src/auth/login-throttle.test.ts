import { expect, test } from "vitest";
import { LoginThrottle } from "./login-throttle.ts";

function newThrottle() {
  const clock = { now: 1_000_000 };
  const throttle = new LoginThrottle({ maxFailures: 3, interval: 120, blockTime: 60 }, () => clock.now);
  const fail = (times: number) => {
    for (let count = 0; count < times; count++) throttle.noteFailure("10.0.0.1");
  };
  return { throttle, clock, fail };
}

test("the attempt that finds too many failures is still admitted, the next one is not", () => {
  const { throttle, fail } = newThrottle();
  fail(3);
  throttle.admit("10.0.0.1");
  expect(() => throttle.admit("10.0.0.1")).toThrow("Client '10.0.0.1' is blocked");
  throttle.admit("10.0.0.2");
  expect(throttle.blockedAddresses()).toEqual(["10.0.0.1"]);
});

test("failures are forgotten after the interval, a block after its time", () => {
  const { throttle, clock, fail } = newThrottle();
  fail(2);
  clock.now += 121_000;
  fail(1);
  throttle.admit("10.0.0.1");
  throttle.admit("10.0.0.1");
  fail(2);
  throttle.admit("10.0.0.1");
  clock.now += 61_000;
  expect(throttle.isBlocked("10.0.0.1")).toBe(false);
});

test("unblocking forgets the failures too", () => {
  const { throttle, fail } = newThrottle();
  fail(5);
  throttle.admit("10.0.0.1");
  expect(throttle.unblock("10.0.0.1")).toBe(true);
  throttle.admit("10.0.0.1");
  throttle.admit("10.0.0.1");
  expect(throttle.unblock("10.0.0.1")).toBe(false);
});

test("a flood from ever new addresses does not fill the memory, and lets nobody out who is blocked just now", () => {
  const { throttle } = newThrottle();
  for (let count = 0; count < 30_000; count++) {
    const address = `2001:db8::${count.toString(16)}`;
    for (let failure = 0; failure < 3; failure++) throttle.noteFailure(address);
    throttle.admit(address);
  }
  expect(throttle.blockedAddresses()).toHaveLength(10_000);
  expect(throttle.isBlocked("2001:db8::752f")).toBe(true);
  expect(throttle.isBlocked("2001:db8::0")).toBe(false);
});
