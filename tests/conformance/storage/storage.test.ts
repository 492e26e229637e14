import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** So many comparisons hold; the number may only rise. */
const floor = 2711;

test("what the original's storages have kept is read, written and taken over", { timeout: 240_000 }, async () => {
  await using corpus = await openCorpus("storage");
  const { passed, failures } = await play(corpus.directory, { backend: "sqlite" });
  expect(unexplained(failures, await readDifferences("storage"))).toEqual({ failures: [], stale: [] });
  expect(passed).toBeGreaterThanOrEqual(floor);
});
