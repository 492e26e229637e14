import { expect, test } from "vitest";
import { testSession } from "../auth/test-session.ts";
import { openTestRpc } from "./test-rpc.ts";

const request = { contentType: "application/json", contentEncoding: "", accept: "", acceptEncoding: "" };

test("the answers to a batch of a user without rights have a limit, whatever they are made of", async () => {
  await using site = await openTestRpc();
  const calls = Array.from({ length: 600 }, (_, id) => ({ id, method: "backend_getInterface" }));
  const body = Buffer.from(JSON.stringify(calls));
  const user = testSession({ username: "user" });
  const answer = await site.service.answer({ ...request, body, userAgent: "", query: "" }, user);
  const answers = JSON.parse(Buffer.from(answer.body).toString()) as {
    id: number;
    error: { message: string } | null;
  }[];
  expect(answers.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
  expect(answers[0]?.error).toBeNull();
  expect(answers.at(-1)?.error?.message).toContain("send fewer calls at once");
  expect(answer.body.length).toBeLessThan(70_000_000);
});
