import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { LimitedLogins } from "./limited-logins.ts";

test("so many run, so many wait in order, the rest is refused; a failure makes room like a success", async () => {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const slow = {
    logIn: (username: string) => {
      started.push(username);
      return new Promise<{ groups: Set<string>; methods: Set<"username"> }>((resolve, reject) => {
        const login = { groups: new Set<string>(), methods: new Set(["username"] as const) };
        ends.set(username, (error) => (error === undefined ? resolve(login) : reject(error)));
      });
    },
  };
  const logins = new LimitedLogins(slow, 2, 2);
  const results = ["a", "b", "c", "d"].map((name) => logins.logIn(name, "").then(() => name, String));
  await expect(logins.logIn("e", "")).rejects.toMatchObject({ class: "OpsiServiceUnavailableError" });
  expect(started).toEqual(["a", "b"]);
  ends.get("b")?.(new Error("wrong"));
  await turn();
  expect(started).toEqual(["a", "b", "c"]);
  ends.get("a")?.();
  await turn();
  for (const name of ["c", "d"]) ends.get(name)?.();
  expect(await Promise.all(results)).toEqual(["a", "Error: wrong", "c", "d"]);
  const [last] = [logins.logIn("f", "")];
  await turn();
  ends.get("f")?.();
  await last;
});
