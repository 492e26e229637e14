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
  service: 206,
  users: 65,
};

test.each(["sqlite", "mysql", "postgresql"])(
  "the server answers recorded calls as the original did, objects in %s",
  { timeout: 900_000 },
  async (backend) => {
    await using corpus = await openCorpus("rpc");
    const tally = await play(corpus.directory, { backend });
    const passed = Object.fromEntries([...tally.topics].map(([topic, counts]) => [topic, counts.passed]));
    const fallen = Object.entries(floors).filter(([topic, floor]) => (passed[topic] ?? 0) < floor);
    expect(fallen.map(([topic, floor]) => `${topic}: ${passed[topic]} of ${floor}`)).toEqual([]);

    const { failures, stale } = unexplained(tally.failures, await readDifferences("rpc"));
    expect(failures).toEqual([]);
    // Some differences are those of SQLite alone: the other databases do as the original's.
    if (backend === "sqlite") expect(stale).toEqual([]);
  },
);
