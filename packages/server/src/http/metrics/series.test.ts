import fc from "fast-check";
import { expect, test } from "vitest";
import { interval, Series } from "./series.ts";

const recent = (steps: number) => {
  const now = Date.now();
  return now - (now % interval) - steps * interval;
};

test("recent samples come back as they are, between two times", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { maxLength: 200 }),
      fc.nat(250),
      (values, from) => {
        const series = new Series();
        values.forEach((value, index) => {
          series.add(value, recent(values.length - index));
        });
        const start = recent(from);
        const expected = values.map((value, index) => [value, recent(values.length - index)]);
        const wanted = expected.filter(([, time = 0]) => time >= start);
        expect(series.between(start, Number.POSITIVE_INFINITY)).toEqual(wanted);
      },
    ),
  );
});

test("what is older than two hours is there by the minute, as a mean", () => {
  const series = new Series();
  const samples = 3000;
  for (let back = samples; back > 0; back--) series.add(back % 12, recent(back));
  const points = series.between(recent(samples), Date.now());
  expect(points.length).toBeGreaterThan(240);
  expect(points.length).toBeLessThan(260);
  expect(points.every(([, time]) => time % 60_000 === 0)).toBe(true);
  for (const [value] of points.slice(1, -1)) expect(value).toBeCloseTo(5.5);
});

test("a series does not grow without end", () => {
  const series = new Series();
  for (let back = 20_000; back > 0; back--) series.add(1, recent(back));
  expect(series.between(recent(1439), Date.now())).toHaveLength(1439);
  expect(series.between(0, Date.now()).length).toBeLessThan(4);
});
