import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "./tally.ts";

/** A recorded value from which we differ on purpose. */
export interface Difference {
  readonly case: string;
  readonly place: string;
}

/** Reads `tests/corpus/differences.tsv`: corpus, case, place and reason, separated by tabs. */
export async function readDifferences(corpus: string): Promise<Difference[]> {
  const text = await readFile(join(import.meta.dirname, "../corpus/differences.tsv"), "utf8");
  return text.split("\n").flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const [name, file, place, reason] = line.split("\t");
    if (!name || !file || !place || !reason) throw new Error(`differences.tsv line ${index + 1}: four fields wanted`);
    return name === corpus ? [{ case: file, place }] : [];
  });
}

/** The failures that no line explains, and the lines that no failure needs any more. */
export function unexplained(failures: readonly Failure[], differences: readonly Difference[]) {
  const explains = ({ case: file, place }: Difference) => `${file} ${place}`;
  const known = new Set(differences.map(explains));
  const found = (failure: Failure) =>
    [...known].some((line) => failure.place === line || failure.place.startsWith(`${line} `));
  const failed = failures.map(({ place }) => place);
  return {
    failures: failures.filter((failure) => !found(failure)).map(({ place, detail }) => `${place}: ${detail}`),
    stale: [...known].filter((line) => !failed.some((place) => place === line || place.startsWith(`${line} `))),
  };
}
