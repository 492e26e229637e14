import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** May only rise. */
const floor = 3219;

test("scripts print what the original printed, where we do not differ on purpose", { timeout: 600_000 }, async () => {
  await using corpus = await openCorpus("opsi-script");
  const { passed, failures } = await play(corpus.directory, { backend: "none" });
  expect(unexplained(failures, await readDifferences("opsi-script"))).toEqual({ failures: [], stale: [] });
  expect(passed).toBeGreaterThanOrEqual(floor);
});
