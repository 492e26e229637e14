import fc from "fast-check";
import { expect, test } from "vitest";
import { Digest } from "./digest.ts";

const objects = fc.array(fc.record({ type: fc.constant("Host"), id: fc.string(), notes: fc.option(fc.string()) }));

function contents(list: readonly Record<string, unknown>[]) {
  const digest = new Digest();
  for (const object of list) digest.add({ type: "Host", ...object });
  return digest.contents;
}

test("neither the order of objects nor of their attributes counts", () => {
  fc.assert(
    fc.property(objects, (list) => {
      const turned = list.toReversed().map((object) => Object.fromEntries(Object.entries(object).reverse()));
      expect(contents(turned)).toEqual(contents(list));
    }),
  );
});

test("each object counts, also one that is there twice", () => {
  const one = { id: "pc1", notes: "a" };
  const all = [[], [one], [one, one], [{ ...one, notes: "b" }], [{ ...one, ident: "pc1", ipAddress: null }]];
  const found = all.map(contents);
  expect(found.map(({ count }) => count)).toEqual([0, 1, 2, 1, 1]);
  expect(new Set(found.map(({ hash }) => hash)).size).toBe(4);
  expect(found.at(-1)).toEqual(found[1]);
});
