import type { Tally } from "../tally.ts";
import type { Databases } from "./databases.ts";
import type { Recordings } from "./recordings.ts";

/** What a player works with. */
export interface Stage {
  readonly tally: Tally;
  readonly recordings: Recordings;
  readonly databases: Databases;
  /** Where objects are put that no recording has a place for: `sqlite` or `mysql`. */
  readonly backend: string;
}

/** Plays one kind of recordings as far as they are there. */
export type Player = (stage: Stage) => Promise<void>;
