import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseControlFiles } from "./control-files.ts";
import { readIniControl } from "./read-ini-control.ts";
import { readTomlControl } from "./read-toml-control.ts";
import { writeIniControl } from "./write-ini-control.ts";
import { writeTomlControl } from "./write-toml-control.ts";

const ini = (text: string) => readIniControl(Buffer.from(text));
const toml = (text: string) => readTomlControl(Buffer.from(text));
const product = "[Product]\ntype: localboot\nid: p\n";

test.each<[what: string, text: string, expected: object]>([
  ["a key of another case", "[PRODUCT]\nTYPE: Localboot\nID: p\nNaMe: n", { name: "n" }],
  ["blank lines inside of a text get lost", `${product}description: a\n \n\n  b`, { description: "a\nb" }],
  ["a mistyped key belongs to the key before", `${product}name: n\nnmae: x`, { name: "n\nnmae: x" }],
  ["lone CR ends lines", `${product.replaceAll("\n", "\r")}name: n`, { name: "n" }],
  ["a line separator inside of a value, too", `${product}name: n\u2028advice: a`, { name: "n", advice: "a" }],
  ["None is empty", `${product}advice: None`, { advice: "" }],
  ["the package version can stand in [Product]", `${product}packageVersion: 7`, { packageVersion: "7" }],
  ["comments", `# x\n${product}; y\nname: n`, { name: "n" }],
])("INI form: %s", (_what, text, expected) => {
  expect(ini(text).product).toMatchObject(expected);
});

test.each<[what: string, text: string, message: string]>([
  ["text before sections", `x\n${product}`, "Parse error in line 1: not in a section"],
  ["byte order mark", `\ufeff${product}`, "Parse error in line 1: not in a section"],
  ["unknown section", `${product}[x]`, "Parse error in line 4: unknown section 'x'"],
  ["no option", "[Product]\n\ntype: localboot", "Parse error in line '2': no option / bad option defined"],
  ["no id", "[Product]\ntype: localboot", "the product has no id"],
  ["bad id", "[Product]\ntype: localboot\nid: a/b", "Bad object id: 'a/b'"],
  ["bad type", "[Product]\ntype: x\nid: p", "Unknown product type: 'x'"],
  ["empty version", `${product}version:`, "Bad product version: ''"],
  ["idle dependency", `${product}[ProductDependency]\naction: setup\nrequiredProduct: q`, "neither requiredAction"],
])("INI form is refused: %s", (_what, text, message) => {
  expect(() => ini(text)).toThrow(message);
});

test("package dependencies", () => {
  const depends = "a, b (>= 1.0-1), c(7), d (< 2";
  expect(ini(`[Package]\ndepends: ${depends}\n${product}`).packageDependencies).toEqual([
    { package: "a", version: null, condition: null },
    { package: "b", version: "1.0-1", condition: ">=" },
    { package: "c", version: "7", condition: "=" },
    { package: "d", version: "2", condition: "<" },
  ]);
});

test("a long version that is none is refused at once", () => {
  const depends = `a (${"1".repeat(100_000)}!)`;
  const start = performance.now();
  expect(() => ini(`[Package]\ndepends: ${depends}\n${product}`)).toThrow("Bad version string");
  expect(performance.now() - start).toBeLessThan(3000); // was 9 s, four times as long for twice the length
});

test("control.toml counts unless control is newer", () => {
  const newer = Buffer.from(`${product}version: 2`);
  const older = Buffer.from(`${product}version: 1.0`);
  const table = Buffer.from('[Package]\nversion="1"\n[Product]\ntype="localboot"\nid="p"\nversion="1.0"\nname="t"');
  expect(parseControlFiles({ ini: older, toml: table }).product["name"]).toBe("t");
  expect(() => parseControlFiles({ ini: newer, toml: table })).toThrow("Control file is newer.");
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
/** Lines that look like the head of a section cannot be held by the INI form. */
const line = fc.stringMatching(/^[A-Za-zäöüß"'\\:;#[\]{}.,-]{1,20}$/u).filter((each) => !/^\[[^\]]+\]$/.test(each));
const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"));
const control = fc
  .record({
    id: word,
    name: fc.stringMatching(/^[A-Za-zäöü]{1,10}$/u).filter((name) => name.toLowerCase() !== "none"),
    description: text,
    advice: text,
    priority: fc.integer({ min: -100, max: 100 }),
    depends: fc.array(fc.tuple(word, fc.constantFrom("", " (>= 1.0-1)", " (= 2)")), { maxLength: 3 }),
    properties: fc.array(fc.record({ name: word, values: fc.array(line, { maxLength: 3 }), multi: fc.boolean() }), {
      maxLength: 3,
    }),
    dependencies: fc.array(fc.record({ product: word, status: fc.constantFrom("installed", "not_installed") }), {
      maxLength: 2,
    }),
  })
  .map((given) => {
    const base = ini(
      [
        `[Package]\nversion: 3\ndepends: ${given.depends.map((parts) => parts.join("")).join(", ")}`,
        `[Product]\ntype: localboot\nid: ${given.id}\nname: ${given.name}\nversion: 1.0\npriority: ${given.priority}`,
        ...given.properties.map(
          ({ name, values, multi }) =>
            `[ProductProperty]\nname: ${name}\nmultivalue: ${multi}\nvalues: ${JSON.stringify(values)}\ndefault: ${JSON.stringify(values.slice(0, 1))}`,
        ),
        ...given.dependencies.map(
          ({ product, status }) =>
            `[ProductDependency]\naction: setup\nrequiredProduct: ${product}\nrequiredStatus: ${status}\nrequirementType: before`,
        ),
      ].join("\n"),
    );
    return { ...base, product: { ...base.product, description: given.description, advice: given.advice } };
  });

test("what was written in the INI form is read again", () => {
  const isNone = (value: unknown) => String(value).toLowerCase() === "none";
  fc.assert(
    fc.property(control, (given) => {
      fc.pre(!isNone(given.product["description"]) && !isNone(given.product["advice"]));
      expect({ ...ini(writeIniControl(given)) }).toEqual(given);
    }),
  );
});

test("a text of the TOML form never makes the INI form unreadable", () => {
  const given = ini(product);
  const description = "one\n[two]\u2028setupScript: three\n  [four]";
  const again = ini(
    writeIniControl({
      ...given,
      product: { ...given.product, description, advice: description, changelog: description },
    }),
  );
  const expected = "one\n\u200b[two]\nsetupScript: three\n\u200b  [four]";
  expect(again.product).toMatchObject({
    description: expected,
    advice: expected,
    changelog: expected,
    setupScript: "",
  });
});

test("a value with a line separator in it stays in its line", () => {
  const given = ini(`${product}[ProductProperty]\nname: q\nvalues: ["a\\u2028b", "c\\u0085d"]\ndefault: ["c\\u0085d"]`);
  expect(given.productProperties).toMatchObject([{ possibleValues: ["a\u2028b", "c\x85d"] }]);
  expect(ini(writeIniControl(given))).toEqual(given);
});

test("what was written in the TOML form is read again", () => {
  fc.assert(
    fc.property(control, (given) => {
      const again = toml(writeTomlControl(given));
      // Empty texts are left out there, and the original reads every property as editable (packages 1.6)
      const filled = Object.entries(again.product).filter(([, value]) => value !== null);
      expect(given.product).toMatchObject(Object.fromEntries(filled));
      expect(again.packageDependencies).toEqual(given.packageDependencies);
      expect(again.productDependencies).toEqual(given.productDependencies);
      expect(again.productProperties).toEqual(given.productProperties.map((each) => ({ ...each, editable: true })));
    }),
  );
});

const fragment = fc.constantFrom(
  "[Product]",
  "[Package]",
  "[ProductProperty]",
  "id: x",
  "type: localboot",
  "values: [1,",
  " ",
  "\r",
  "=",
  '"""',
  "depends",
  "[[",
  "{",
  ":",
);
test.each([
  ["INI", readIniControl],
  ["TOML", readTomlControl],
])("whatever stands in a file of the %s form: a value or a typed error", (_form, read) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.oneof(fragment, fc.string({ maxLength: 8 })), { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join("\n"))),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      try {
        read(given);
      } catch (error) {
        if (!isOpsiError(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
