import { JsonText } from "@opsi-ts/protocol";
import { expect, test } from "vitest";
import { testSession } from "../auth/test-session.ts";
import { CallHistory } from "./call-history.ts";

const session = testSession({ userAgent: "tool/1" });
const call = (method: string, result: unknown = null, milliseconds = 1) => ({
  ...{ method, session, milliseconds, error: null, deprecated: false, parameters: 0, result },
});

test("the newest calls are kept, and counted from the start", () => {
  const history = new CallHistory();
  for (let number = 1; number <= 12_000; number++) history.add(call(`m${number}`));
  const list = history.newestFirst();
  expect(history.count).toBe(12_000);
  expect(list).toHaveLength(9999);
  expect(list[0]).toMatchObject({ number: 12_000, method: "m12000", client: "127.0.0.1/tool/1" });
  expect(list.at(-1)?.number).toBe(2002);
});

// Any client could fill the memory: 9999 names that each were as long as a request may be.
test("of a name that is no method's only the beginning is kept", () => {
  const history = new CallHistory();
  history.add(call("x".repeat(1_000_000)));
  history.add(call("host_getObjects"));
  expect(history.newestFirst().map(({ method }) => method)).toEqual(["host_getObjects", "x".repeat(200)]);
});

test("of what a program calls itself only the beginning is kept", () => {
  const history = new CallHistory();
  history.add({ ...call("host_getObjects"), session: testSession({ userAgent: "x".repeat(60_000) }) });
  expect(history.newestFirst()).toMatchObject([{ client: `127.0.0.1/${"x".repeat(200)}` }]);
});

test("results are counted, also in texts that nobody parses", () => {
  const history = new CallHistory();
  const objects = '[{"id":"a","ident":"a"},{"id":"say \\"ident\\":","ident":"b"}]';
  const results = [
    [1, 2, 3],
    null,
    "text",
    new JsonText("[]"),
    new JsonText(objects),
    new JsonText(Buffer.from(objects)),
  ];
  for (const result of results) history.add(call("m", result));
  expect(history.newestFirst().map((one) => one.results)).toEqual([2, 2, 0, 1, 1, 3]);
});

test("the mean duration is that of the newest calls", () => {
  const history = new CallHistory();
  for (const milliseconds of [100, 2, 4]) history.add(call("m", null, milliseconds));
  expect(history.meanDuration(2)).toBe(3);
  expect(history.meanDuration(0)).toBe(0);
});
