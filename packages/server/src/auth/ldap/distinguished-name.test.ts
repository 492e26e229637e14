import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeDnValue, firstRdnValue } from "./distinguished-name.ts";

test.each([
  ["cn=Admins,dc=example,dc=org", "Admins"],
  ["CN = Domain Admins , DC=example", "Domain Admins"],
  ["cn=Admins\\, all+serial=1,dc=example", "Admins, all"],
  ["cn=\\C3\\84rzte\\20,dc=example", "Ärzte "],
  ["cn=last\\ ,dc=example", "last "],
  ["cn=", ""],
  ["cn=\\", "\\"],
  ["nothing", null],
])("the first value of %j is %j", (dn, value) => {
  expect(firstRdnValue(dn)).toBe(value);
});

test.each([
  ["anna,ou=admins", "anna\\,ou\\=admins"],
  [" a ", "\\ a\\ "],
  ["#a+b", "\\#a\\+b"],
  ["a\0b", "a\\00b"],
])("%j stays one value: %j", (value, escaped) => {
  expect(escapeDnValue(value)).toBe(escaped);
});

test("what is escaped is read as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      expect(firstRdnValue(`cn=${escapeDnValue(value)},dc=example`)).toBe(value);
    }),
    { numRuns: 2000 },
  );
});

test("no text is too strange for a DN from outside", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."=\\, +0C3a\u00e4") }), (dn) => void firstRdnValue(dn)));
});
