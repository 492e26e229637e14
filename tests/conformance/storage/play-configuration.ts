import { dirname, join } from "node:path";
import { Comparison } from "../packages/compare.ts";
import { playAcl } from "./play-acl.ts";
import { playBackendFile } from "./play-backend-file.ts";
import { playDispatch } from "./play-dispatch.ts";
import { playOpsiConf } from "./play-opsi-conf.ts";
import type { Stage } from "./player.ts";
import { readJson } from "./recordings.ts";

/** A file and what the original's parsers read of it. */
export interface RecordedFile {
  readonly file: string;
  /** The original refuses. */
  readonly error?: RecordedError;
}

export interface RecordedError {
  readonly class: string;
  readonly message: string;
}

type FilePlayer = (comparison: Comparison, path: string, recorded: never) => Promise<void>;

const players: Readonly<Record<string, FilePlayer>> = {
  acl: playAcl,
  dispatch: playDispatch,
  backends: playBackendFile,
  "opsi.conf": playOpsiConf,
};

/** Reads acl.conf, dispatch.conf, the files in backends/ and opsi.conf as sites have them. */
export async function playConfiguration({ tally, recordings }: Stage): Promise<void> {
  for (const [kind, play] of Object.entries(players)) {
    const expectations = await recordings.find("config", kind, "expected.json");
    if (!expectations) continue;
    for (const [name, recorded] of Object.entries(await readJson<Record<string, RecordedFile>>(expectations))) {
      const comparison = new Comparison(tally, `config/${kind}/${name}`);
      const path = join(dirname(expectations), recorded.file);
      await comparison.step("read", () => play(comparison, path, recorded as never));
    }
  }
}

/** A file must be refused, with a message in which all of these stand. */
export function refuses(
  comparison: Comparison,
  place: string,
  read: () => unknown,
  ...words: readonly (string | RegExp)[]
): void {
  try {
    const found = read();
    comparison.holds(place, false, `read as ${JSON.stringify(found)?.slice(0, 300)}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const missing = words.filter((word) => !(typeof word === "string" ? message.includes(word) : word.test(message)));
    comparison.holds(place, missing.length === 0, `'${message}' does not say ${missing.join(", ")}`);
  }
}
