import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCorpus } from "../open-corpus.ts";
import { difference } from "./difference.ts";
import { keptAnswer } from "./kept-answer.ts";
import { type Kept, type RecordedCase, readCase, type Step } from "./recorded-case.ts";

const found = (step: Step, want: Kept, got: Kept, literal = "") => difference(step, want, got, literal);
const plain: Step = { method: "GET", path: "/" };
const json = (value: unknown, headers: Kept["headers"] = {}): Kept => ({ status: 200, headers, body: { json: value } });

test("every recorded answer is what it is itself, and another status is noticed", async () => {
  await using corpus = await openCorpus("http");
  const names = await readdir(corpus.directory, { recursive: true });
  let steps = 0;
  for (const name of names.filter((one) => one.endsWith(".json"))) {
    const recorded = await readCase(join(corpus.directory, name));
    for (const [index, step] of recorded.steps.entries()) {
      const want = recorded.answers[index] ?? { status: 0, headers: {}, body: {} };
      const same = found(step, want, want);
      if (step.defect === undefined) expect([name, index, same]).toEqual([name, index, null]); // else it may be refused
      expect([name, index, found(step, want, { ...want, status: 299 })]).not.toEqual([name, index, null]);
      steps++;
    }
  }
  expect(steps).toBeGreaterThan(1400);
});

test("headers must be there with their values; some must also be absent", () => {
  const want = json(1, { "content-type": "application/json" });
  expect(found(plain, want, json(1))).toContain("header content-type");
  expect(found(plain, want, json(1, { ...want.headers, "x-more": "1" }))).toBeNull();
  expect(found(plain, want, json(1, { ...want.headers, "set-cookie": "a=b" }))).toContain("header set-cookie");
  expect(found({ ...plain, ignore: ["set-cookie"] }, want, json(1, { ...want.headers, "set-cookie": "a" }))).toBeNull();
});

test("bodies are compared by the rule of the step", () => {
  expect(found(plain, json([1, 2]), json([2, 1]))).toContain("body");
  expect(found({ ...plain, compare: "unordered" }, json([1, 2]), json([2, 1]))).toBeNull();
  expect(found({ ...plain, compare: "shape" }, json({ a: 1 }), json({ a: 7 }))).toBeNull();
  expect(found({ ...plain, compare: "shape" }, json({ a: 1 }), json({ a: "7" }))).toContain("body");
  expect(found({ ...plain, compare: "lines" }, json("b, a"), json("a, b"))).toBeNull();
  expect(found({ ...plain, compare: "lines" }, json("b, a"), json("a, c"))).toContain("body");
  expect(found({ ...plain, compare: "refused" }, { ...json(1), status: 500 }, { ...json(2), status: 401 })).toBeNull();
});

test("times and ids are placeholders, unless the case names them", () => {
  const [yesterday, today] = [json("2024-01-01 10:00:00"), json("2024-01-02 11:11:11")];
  expect(found(plain, yesterday, today)).toBeNull();
  expect(found(plain, yesterday, today, '"2024-01-01 10:00:00"')).toContain("body");
});

test("errors of another runtime may be told in other words, but must be told", () => {
  const error = (name: string) => json({ id: 1, error: { class: name, message: "m" } });
  expect(found(plain, error("KeyError"), error("ValueError"))).toBeNull();
  expect(found(plain, error("ValueError"), error("KeyError"))).toContain("body");
  expect(found(plain, error("KeyError"), json({ id: 1, result: 5 }))).toContain("body");
});

const noFiles: RecordedCase = { title: "", topic: "", steps: [], answers: [] };
const keep = (headers: [string, string][], body: string, step: Step = plain) =>
  keptAnswer(step, { status: 200, headers, body: Buffer.from(body) }, noFiles, "https://a:1");

test("what is kept of an answer", async () => {
  const cookie = `opsiconfd-session=${"a".repeat(32)}; path=/; Secure; Max-Age=120`;
  const answered = await keep(
    [
      ["Set-Cookie", cookie],
      ["Location", "https://a:1/x"],
      ["ETag", '"17-3"'],
    ],
    "",
  );
  expect(answered.headers).toEqual({
    "set-cookie": "opsiconfd-session=<id>; max-age=120; path=/; secure",
    location: "/x",
    etag: '"<etag>"',
  });
  expect(answered.body).toEqual({ empty: true });
  expect((await keep([["content-type", "text/plain"]], "short")).body).toEqual({ text: "short" });
  expect((await keep([["content-type", "text/plain"]], "x".repeat(401))).body).toMatchObject({ length: 401 });
  expect((await keep([["content-type", "application/json"]], "{")).body).toEqual({ invalid: "application/json" });
  const broken: [string, string][] = [
    ["content-encoding", "gzip"],
    ["content-type", "application/json"],
  ];
  expect((await keep(broken, "1")).body).toEqual({ json: 1, undecodable: "gzip" });
});
