import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyTally, type Play } from "../tally.ts";
import { playBroken } from "./play-broken.ts";
import { playPackage } from "./play-package.ts";
import { playZsyncPairs } from "./play-zsync.ts";

/**
 * Plays all recorded packages below a folder: reading, extracting, making, companion files, zsync, damaged and hostile
 * packages. What is not there is not compared, so that a folder may hold any part of the layout.
 */
export const play: Play = async (directory) => {
  const tally = emptyTally();
  const scratch = await mkdtemp(join(tmpdir(), "play-packages-"));
  const umask = process.umask(0o022); // as recorded
  try {
    for (const name of (await readdir(directory)).sort()) {
      const record = join(directory, name, "expected.json");
      if (!existsSync(record)) continue;
      const expected = JSON.parse(await readFile(record, "utf8"));
      if (name === "broken") await playBroken(tally, join(directory, name), expected, scratch);
      else await playPackage(tally, name, join(directory, name), expected, scratch);
    }
    await playZsyncPairs(tally, directory, scratch);
  } finally {
    process.umask(umask);
    await rm(scratch, { recursive: true, force: true });
  }
  return tally;
};
