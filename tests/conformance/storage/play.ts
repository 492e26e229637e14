import { emptyTally, type Play } from "../tally.ts";
import { Databases } from "./databases.ts";
import { playBackups } from "./play-backups.ts";
import { playClassicBackups } from "./play-classic-backups.ts";
import { playConfiguration } from "./play-configuration.ts";
import { playDatabase42, playDatabase43 } from "./play-databases.ts";
import { playFileBackend } from "./play-file-backend.ts";
import { playValueChecks } from "./play-value-checks.ts";
import type { Player } from "./player.ts";
import { Recordings } from "./recordings.ts";

const players: readonly Player[] = [
  playFileBackend,
  playDatabase43,
  playValueChecks,
  playDatabase42,
  playConfiguration,
  playBackups,
  playClassicBackups,
];

/** Plays what the original's storages have kept. What is not there is not compared. */
export const play: Play = async (directory, { backend }) => {
  const tally = emptyTally();
  await using recordings = new Recordings(directory);
  await using databases = new Databases();
  for (const player of players) await player({ tally, recordings, databases, backend });
  if (tally.passed + tally.failed === 0) throw new Error(`There are no recordings of storages in ${directory}`);
  return tally;
};
