/** One figure of ours beside what it is measured against, both from this run. */
export interface Measurement {
  readonly work: string;
  readonly ours: number;
  readonly anchor: number;
  readonly unit: string;
  /** Ours as a share of the anchor's speed: more is better, 1 is as fast. */
  readonly ratio: number;
  readonly aim: number;
  /** What the anchor is. */
  readonly anchorName: string;
}

export interface BenchmarkSizes {
  readonly clients: number;
  readonly products: number;
  readonly productsPerClient: number;
  readonly configStatesPerClient: number;
}

export interface Benchmark {
  /** Tells what it is doing; long steps are announced. */
  run(say: (text: string) => void, sizes: BenchmarkSizes): Promise<Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs two ways in turn, so that what else the machine does hits both alike; the medians are compared. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  anchor: () => Promise<number>,
): Promise<{ ours: number; anchor: number }> {
  const figures = { ours: [] as number[], anchor: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    figures.ours.push(await ours());
    figures.anchor.push(await anchor());
  }
  return { ours: median(figures.ours), anchor: median(figures.anchor) };
}

/** Seconds that a piece of work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
