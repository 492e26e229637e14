/** A value at a time in milliseconds since the epoch. */
export type Point = readonly [value: number, time: number];

/** Milliseconds between two samples. */
export const interval = 5000;

/** Milliseconds between points, and how many are kept: two hours, a day, sixty days, four years. (service 8.9) */
const resolutions = [
  { step: interval, points: 1440 },
  { step: 60_000, points: 1440 },
  { step: 3_600_000, points: 1440 },
  { step: 86_400_000, points: 1460 },
];

/** One figure over time, in memory: the older, the coarser. */
export class Series {
  readonly #levels = resolutions.map(({ step, points }) => ({ step, points, values: [] as Point[], sum: 0, count: 0 }));

  /** @param time a multiple of the interval */
  add(value: number, time: number): void {
    for (const level of this.#levels) {
      const start = time - (time % level.step);
      const last = level.values.at(-1);
      if (last === undefined || last[1] !== start) {
        level.values.push([value, start]);
        level.sum = value;
        level.count = 1;
        if (level.values.length > level.points) level.values.shift();
      } else {
        level.sum += value;
        level.count++;
        level.values[level.values.length - 1] = [level.sum / level.count, start];
      }
    }
  }

  /** The points between two times, from the finest level that reaches back so far. */
  between(from: number, to: number): Point[] {
    const now = Date.now();
    const reaches = ({ step, points }: { step: number; points: number }) => now - step * points <= from;
    const level = this.#levels.find(reaches) ?? this.#levels.at(-1);
    return (level?.values ?? []).filter(([, time]) => time >= from && time <= to);
  }

  /** The mean of the newest points; 0 as long as there is none. */
  mean(milliseconds: number): number {
    const newest = (this.#levels[0]?.values ?? []).slice(-Math.ceil(milliseconds / interval));
    return newest.length === 0 ? 0 : newest.reduce((sum, [value]) => sum + value, 0) / newest.length;
  }
}
