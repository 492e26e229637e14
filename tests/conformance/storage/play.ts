import { existsSync } from "node:fs";
import { join } from "node:path";
import { emptyTally, type Play } from "../tally.ts";
import { playFileBackend } from "./play-file-backend.ts";

/** What each folder of the recordings holds, and who plays it. What is not there is not compared. */
const players = { "file-backend": playFileBackend };

/** Plays what the original's storages have kept. */
export const play: Play = async (directory) => {
  const tally = emptyTally();
  for (const [name, player] of Object.entries(players)) {
    const folder = join(directory, name);
    if (existsSync(folder)) await player(tally, folder);
  }
  return tally;
};
