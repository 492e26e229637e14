import { expect, test } from "vitest";
import { run } from "./program.ts";

test("who starts a program that is not there is told so, at once", async () => {
  await expect(run("no-such-program", [])).rejects.toThrow("spawn no-such-program ENOENT");
});

test("a letter that arrives in two pieces is one letter", async () => {
  const script =
    "printf '\\303' && sleep 0.1 && printf '\\244' && printf '\\303' >&2 && sleep 0.1 && printf '\\266' >&2";
  expect(await run("bash", ["-c", script])).toEqual({ code: 0, stdout: "ä", stderr: "ö" });
});
