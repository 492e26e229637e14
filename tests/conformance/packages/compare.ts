import { isDeepStrictEqual } from "node:util";
import type { Tally } from "../tally.ts";

/** Counts comparisons. A comparison is one value, tree or list of a case; its first differences are told. */
export class Comparison {
  readonly #tally: Tally;
  readonly #name: string;

  constructor(tally: Tally, name: string) {
    this.#tally = tally;
    this.#name = name;
  }

  equal(place: string, expected: unknown, actual: unknown): void {
    const found = differences(plain(expected), plain(actual), "");
    this.holds(place, found.length === 0, found.slice(0, 4).join("; "));
  }

  holds(place: string, condition: boolean, detail: string): void {
    if (condition) this.#tally.passed++;
    else {
      this.#tally.failed++;
      this.#tally.failures.push({ place: `${this.#name}/${place}`, detail });
    }
  }

  /** What differs from what the original does by mistake is neither held nor failed. */
  defect(): void {
    this.#tally.defects++;
  }

  /** Runs a step; an exception is a failed comparison. */
  async step(place: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.holds(place, false, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
  }
}

/** As it would be written as JSON: attributes without value are left out. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function differences(expected: unknown, actual: unknown, path: string): string[] {
  if (isObject(expected) && isObject(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(expected[key], actual[key], `${path}/${key}`));
  }
  if (isDeepStrictEqual(expected, actual)) return [];
  return [`${path}: expected ${JSON.stringify(expected)?.slice(0, 200)}, was ${JSON.stringify(actual)?.slice(0, 200)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
