/** What a player found: how many comparisons held, and which did not. */
export interface Tally {
  passed: number;
  failed: number;
  /** Steps that differ from what the original does by mistake; neither passed nor failed. */
  defects: number;
  /** One line per failure: the case and what differed. */
  readonly failures: Failure[];
}

export interface Failure {
  /** Path of the case below the corpus folder, with the step or value that differed. */
  readonly place: string;
  readonly detail: string;
}

/** What every player offers: it runs all cases below a folder and compares. */
export interface PlayOptions {
  /** Storage backend of the servers that are started; only the RPC player uses it. */
  readonly backend: string;
  /** Folders below that of the cases; all of them where nothing is said. */
  readonly topics?: readonly string[];
}

export type Play = (directory: string, options: PlayOptions) => Promise<Tally>;

export const emptyTally = (): Tally => ({ passed: 0, failed: 0, defects: 0, failures: [] });
