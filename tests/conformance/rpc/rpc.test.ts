import { expect, test } from "vitest";
import type { StepTally } from "../case-workers.ts";
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

/** The topics that fell below their floors. */
function fallen(tally: StepTally, least: Readonly<Record<string, number>>): string[] {
  const passed = (topic: string) => tally.topics.get(topic)?.passed ?? 0;
  const low = Object.entries(least).filter(([topic, floor]) => passed(topic) < floor);
  return low.map(([topic, floor]) => `${topic}: ${passed(topic)} of ${floor}`);
}

test.each(["sqlite", "mysql", "postgresql"])(
  "the server answers recorded calls as the original did, objects in %s",
  { timeout: 900_000 },
  async (backend) => {
    await using corpus = await openCorpus("rpc");
    const tally = await play(corpus.directory, { backend });
    expect(fallen(tally, floors)).toEqual([]);

    const { failures, stale } = unexplained(tally.failures, await readDifferences("rpc"));
    expect(failures).toEqual([]);
    // Some differences are those of SQLite alone: the other databases do as the original's.
    if (backend === "sqlite") expect(stale).toEqual([]);
  },
);

/** What files cannot keep: states without a host, a second config server, clients that become depots. */
const floorsOfFiles: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  file: { hosts: 236, configs: 157, groups: 64, legacy: 212, users: 65 },
  mixed: { hosts: 236, audit: 241, licenses: 178 },
};

test.each(Object.entries(floorsOfFiles))(
  "the server answers recorded calls as the original did, some or all objects in files: %s",
  { timeout: 900_000 },
  async (backend, least) => {
    await using corpus = await openCorpus("rpc");
    const tally = await play(corpus.directory, { backend, topics: Object.keys(least) });
    expect(fallen(tally, least)).toEqual([]);
    const known = [...(await readDifferences("rpc")), ...(await readDifferences("rpc in files"))];
    expect(unexplained(tally.failures, known).failures).toEqual([]);
  },
);
