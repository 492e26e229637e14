import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readDeclaration, valueChecks } from "./read-declaration.ts";

/** What is right, and now and then anything. */
const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() });

const parameter = fc.record(
  {
    name: fc.oneof(fc.constantFrom("a", "b", "c", "d", "self", "__proto__"), fc.string()),
    type: mostly(fc.constantFrom(...Object.keys(valueChecks), "toString")),
    initial: fc.oneof(fc.constant(null), fc.jsonValue()),
  },
  { requiredKeys: ["name", "type"] },
);
const declaration = fc.record(
  {
    name: mostly(fc.constantFrom("site_a", "__proto__")),
    doc: mostly(fc.constant("A test.")),
    parameters: mostly(fc.array(parameter, { maxLength: 3 })),
    roles: mostly(fc.constant(["client"])),
    timeoutSeconds: mostly(fc.double({ min: -1, max: 4000 })),
    deprecated: mostly(fc.boolean()),
  },
  { requiredKeys: ["name", "doc", "parameters"] },
);

test("whatever a file declares: a declaration that the service can offer, or an error that says what is wrong", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: declaration }, { weight: 1, arbitrary: fc.jsonValue() }), (given) => {
      try {
        const { name, parameters, timeoutSeconds } = readDeclaration(given);
        accepted++;
        expect(name).toMatch(/^[A-Za-z]\w*$/);
        expect(new Set(parameters.map((each) => each.name)).size).toBe(parameters.length);
        expect(timeoutSeconds).toBeGreaterThan(0);
        for (const { type, initial } of parameters) {
          expect(initial === undefined || initial === null || valueChecks[type](initial)).toBe(true);
        }
      } catch (error) {
        if (!isOpsiError(error, "ValueError")) throw error;
        expect(error.message.length).toBeLessThan(500);
      }
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(50);
});
