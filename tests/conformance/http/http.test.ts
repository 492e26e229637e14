import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** Recorded steps that pass, by topic. A figure may only rise. */
const floors: Record<string, number> = {
  access: 376,
  admin: 68,
  encoding: 104,
  "file-transfer": 36,
  headers: 34,
  login: 131,
  monitoring: 99,
  ranges: 70,
  session: 145,
  status: 23,
  webdav: 370,
};

test("the server answers recorded HTTP requests as the original did", { timeout: 900_000 }, async () => {
  await using corpus = await openCorpus("http");
  const tally = await play(corpus.directory);
  const passed = Object.fromEntries([...tally.topics].map(([topic, counts]) => [topic, counts.passed]));
  const fallen = Object.entries(floors).filter(([topic, floor]) => (passed[topic] ?? 0) < floor);
  expect(fallen.map(([topic, floor]) => `${topic}: ${passed[topic]} of ${floor}`)).toEqual([]);

  expect(unexplained(tally.failures, await readDifferences("http"))).toEqual({ failures: [], stale: [] });
});
