import { families, familyOf } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Query } from "../storage.ts";
import { sqlite } from "./dialect.ts";
import { layoutOf } from "./layout.ts";
import { selectObjects } from "./select.ts";
import { StatementCache } from "./statement-cache.ts";

const text = fc.constantFrom("a", "b ", "PC1.example.org", "<1", "*x", "\ue0000", "", "__proto__");
const value = fc.oneof(
  text,
  fc.constant(null),
  fc.integer(),
  fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 12 }),
);

/** Queries on hosts and what belongs to them, as users and clients make them. */
const queries = fc.constantFrom("host", "productOnClient", "configState").chain((prefix) => {
  const attributes = [...layoutOf(familyOf(prefix)).columns.keys()];
  const some = fc.uniqueArray(fc.constantFrom(...attributes), { maxLength: 3 });
  const filter = fc.dictionary(fc.constantFrom("type", ...attributes), value, { maxKeys: 3 });
  const restriction = fc.option(
    fc.record({
      hostId: fc.constantFrom("pc1.example.org", "pc2.example.org", "\ue0000"),
      owner: fc.constant({ host: "id", productOnClient: "clientId", configState: "objectId" }[prefix] ?? ""),
      rows: fc.constantFrom("all" as const, "own" as const),
      hidden: some.map((names) => new Set(names)),
      ownOnly: some.map((names) => new Set(names)),
    }),
    { nil: undefined },
  );
  return fc.record({ prefix: fc.constant(prefix), query: fc.record({ attributes: some, filter, restriction }) });
});

test("a statement that is remembered is the one that would be made", () => {
  expect(families.length).toBeGreaterThan(10);
  let compiled = 0;
  const make = (...[layout, query, form]: Parameters<StatementCache<ReturnType<typeof selectObjects>>["select"]>) => {
    compiled++;
    return selectObjects(layout, query, form, sqlite);
  };
  const cache = new StatementCache(make);
  let asked = 0;
  const attempt = (given: () => unknown) => {
    try {
      return given();
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(queries, fc.constantFrom("object" as const, "hash" as const), ({ prefix, query }, form) => {
      const layout = layoutOf(familyOf(prefix));
      asked++;
      const fromCache = attempt(() => cache.select(layout, query as Query, form));
      expect(fromCache).toEqual(attempt(() => selectObjects(layout, query as Query, form, sqlite)));
    }),
    { numRuns: 3000 },
  );
  expect(compiled).toBeLessThan(asked);
});

test("clients share a statement, and each is bound with its own id", () => {
  let compiled = 0;
  const cache = new StatementCache((layout, query, form) => {
    compiled++;
    return selectObjects(layout, query as Query, form, sqlite);
  });
  const layout = layoutOf(familyOf("productOnClient"));
  const own = (hostId: string): Query => ({
    filter: { clientId: [hostId], productId: [] },
    restriction: { hostId, owner: "clientId", rows: "own", hidden: new Set(), ownOnly: new Set() },
  });
  const [first, second] = ["pc1.example.org", "pc2.example.org"].map((id) => cache.select(layout, own(id), "object"));
  expect(compiled).toBe(1);
  expect(first?.parameters).toEqual(["pc1.example.org", "pc1.example.org"]);
  expect(second?.parameters).toEqual(["pc2.example.org", "pc2.example.org"]);
});
