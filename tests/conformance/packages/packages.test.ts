import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** So many comparisons hold; the number may only rise. */
const floor = 2866;

/** Cases in which we differ from the original on purpose: `corpus<TAB>case<TAB>place<TAB>reason`. */
function knownDifferences(): Set<string> {
  try {
    const lines = readFileSync(join(import.meta.dirname, "../../corpus/differences.tsv"), "utf8").split("\n");
    const fields = lines.map((line) => line.split("\t")).filter(([corpus]) => corpus === "packages");
    return new Set(fields.map(([, name, place]) => `${name}/${place}`));
  } catch {
    return new Set();
  }
}

test("recorded packages are read, extracted and made as the original does it", { timeout: 120_000 }, async () => {
  await using corpus = await openCorpus("packages");
  const tally = await play(corpus.directory, { backend: "sqlite" });
  const known = knownDifferences();
  expect(tally.failures.filter(({ place }) => !known.has(place))).toEqual([]);
  expect(tally.passed).toBeGreaterThanOrEqual(floor);
});
