import { setImmediate } from "node:timers/promises";

/** How long one call may keep the thread before others get their turn. */
const milliseconds = 10;

/**
 * For loops over what a caller sent, which may be long.
 *
 *     const turn = new Turn();
 *     for (const object of objects) {
 *       write(object);
 *       if (turn.isOver) await turn.pass();
 *     }
 */
export class Turn {
  #started = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#started >= milliseconds;
  }

  /** Lets everybody else go first. */
  async pass(): Promise<void> {
    await setImmediate();
    this.#started = performance.now();
  }
}
