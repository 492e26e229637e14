import { expect, test } from "vitest";
import { testSurroundings } from "../testing/test-surroundings.ts";
import { prompt } from "./prompt.ts";

async function answerTo(typed: string | Buffer, secret = false) {
  const { stdin, stderr, errors, typed: keys, signal } = testSurroundings({ terminal: true });
  const answer = prompt(stdin, stderr, "Password:", { secret, signal });
  keys.write(typed);
  return { answer: await answer, shown: errors() };
}

test("a secret is not echoed", async () => {
  expect(await answerTo("sesam\r", true)).toEqual({ answer: "sesam", shown: "Password: \n" });
});

test("other answers are, and keys that delete work", async () => {
  expect(await answerTo("ab\u007fc\r")).toMatchObject({ answer: "ac" });
  expect(await answerTo("abc\u0015x\n")).toMatchObject({ answer: "x" });
  expect(await answerTo("Grüße\r")).toEqual({ answer: "Grüße", shown: "Password: Grüße\n" });
});

test("Ctrl-C interrupts", async () => {
  await expect(answerTo("ab\u0003")).rejects.toThrow("interrupted");
});
