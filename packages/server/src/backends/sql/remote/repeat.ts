import { setTimeout } from "node:timers/promises";
import { DatabaseError, type Remedy } from "./database-error.ts";

/** Milliseconds after which nothing is tried again: a database that restarts is back by then. */
const patience = 30_000;

/** First and longest pause in milliseconds, which doubles from attempt to attempt. */
const pauses: Readonly<Record<NonNullable<Remedy>, readonly [first: number, longest: number]>> = {
  repeat: [5, 500],
  reconnect: [50, 2_000],
};

/**
 * Tries what failed because of another transaction or for want of a database again. The pauses are of random length,
 * so that two who are in each other's way do not meet again.
 *
 * @param attempt is told how often it has failed; has no effect when it fails with a `DatabaseError` that has a remedy
 * @param onLost is told once when it is the database that is not there; dead-locks are everyday life
 */
export async function repeatUntilDone<T>(
  attempt: (count: number) => Promise<T>,
  onLost: (reason: DatabaseError) => void,
): Promise<T> {
  const start = performance.now();
  for (let count = 0; ; count++) {
    try {
      return await attempt(count);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.remedy === null) throw error;
      const [first, longest] = pauses[error.remedy];
      const pause = Math.min(first * 2 ** count, longest) * (0.5 + Math.random());
      if (performance.now() - start + pause > patience) throw error;
      if (count === 0 && error.remedy === "reconnect") onLost(error);
      await setTimeout(pause);
    }
  }
}
