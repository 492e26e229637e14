import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** So many comparisons hold; the number may only rise. */
const floor = 2866;

test("recorded packages are read, extracted and made as the original does it", { timeout: 120_000 }, async () => {
  await using corpus = await openCorpus("packages");
  const { passed, failures } = await play(corpus.directory, { backend: "sqlite" });
  expect(unexplained(failures, await readDifferences("packages"))).toEqual({ failures: [], stale: [] });
  expect(passed).toBeGreaterThanOrEqual(floor);
});
