import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** Recorded steps that pass, by topic. A figure may only rise. */
const floors: Record<string, number> = {
  objects: 2756,
  conversion: 488,
  hosts: 241,
  configs: 160,
  groups: 64,
  sequence: 684,
  protocol: 220,
  logs: 83,
};

test("the server answers recorded calls as the original did", { timeout: 900_000 }, async () => {
  await using corpus = await openCorpus("rpc");
  const tally = await play(corpus.directory, { backend: "sqlite" });
  const passed = Object.fromEntries([...tally.topics].map(([topic, counts]) => [topic, counts.passed]));
  const fallen = Object.entries(floors).filter(([topic, floor]) => (passed[topic] ?? 0) < floor);
  expect(fallen.map(([topic, floor]) => `${topic}: ${passed[topic]} of ${floor}`)).toEqual([]);

  const explained = new Set(Object.keys(floors));
  const failures = tally.failures.filter(({ place }) => explained.has(place.split("/")[0] ?? ""));
  const differences = (await readDifferences("rpc")).filter(({ case: file }) =>
    explained.has(file.split("/")[0] ?? ""),
  );
  const { failures: unknown, stale } = unexplained(failures, differences);
  expect(unknown).toEqual([]);
  expect(stale).toEqual([]);
});
