import { expect, test } from "vitest";
import { readDifferences, unexplained } from "../differences.ts";
import { openCorpus } from "../open-corpus.ts";
import { play } from "./play.ts";

/** Recorded steps that pass, by topic. A figure may only rise. */
const floors: Record<string, number> = {
  objects: 2756,
  conversion: 488,
  hosts: 244,
  configs: 160,
  groups: 64,
  sequence: 684,
  protocol: 222,
  logs: 86,
  access: 687,
  audit: 241,
  easy: 119,
  kiosk: 69,
  legacy: 214,
  licenses: 178,
  products: 200,
  service: 207,
  users: 65,
};

test("the server answers recorded calls as the original did", { timeout: 900_000 }, async () => {
  await using corpus = await openCorpus("rpc");
  const tally = await play(corpus.directory, { backend: "sqlite" });
  const passed = Object.fromEntries([...tally.topics].map(([topic, counts]) => [topic, counts.passed]));
  const fallen = Object.entries(floors).filter(([topic, floor]) => (passed[topic] ?? 0) < floor);
  expect(fallen.map(([topic, floor]) => `${topic}: ${passed[topic]} of ${floor}`)).toEqual([]);

  expect(unexplained(tally.failures, await readDifferences("rpc"))).toEqual({ failures: [], stale: [] });
});

/** The same calls with the objects in MariaDB. The figure may only rise. */
const mariaDbFloor = 6686;

test("with its objects in MariaDB the server answers no worse", { timeout: 900_000 }, async () => {
  await using corpus = await openCorpus("rpc");
  const tally = await play(corpus.directory, { backend: "mysql" });
  expect(tally.passed).toBeGreaterThanOrEqual(mariaDbFloor);
});
