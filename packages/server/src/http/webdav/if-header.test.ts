import fc from "fast-check";
import { expect, test } from "vitest";
import { parseIf, submittedTokens } from "./if-header.ts";
import { WebdavError } from "./webdav-error.ts";

test("lists with and without resource, tokens, tags and Not", () => {
  const lists = parseIf('(<urn:uuid:1> ["tag"]) (Not <urn:uuid:2>) </depot/a> ([W/"x"])');
  expect(lists).toEqual([
    {
      resource: null,
      conditions: [
        { not: false, kind: "token", value: "urn:uuid:1" },
        { not: false, kind: "tag", value: '"tag"' },
      ],
    },
    { resource: null, conditions: [{ not: true, kind: "token", value: "urn:uuid:2" }] },
    { resource: "/depot/a", conditions: [{ not: false, kind: "tag", value: '"x"' }] },
  ]);
  expect([...submittedTokens(lists)]).toEqual(["urn:uuid:1"]);
});

test("tokens as our own Lock-Token header has them", () => {
  expect([...submittedTokens(parseIf("(opaquelocktoken:1-2)"))]).toEqual(["opaquelocktoken:1-2"]);
});

test.each(["<a>", "(", "(<a>", "token", "(nothing)"])("%j is refused with 400", (header) => {
  expect(() => parseIf(header)).toThrow(WebdavError);
});

test("any header: lists or a WebDAV error", () => {
  const pieces = fc.array(fc.constantFrom("(", ")", "<", ">", "[", "]", '"', "Not ", " ", "a", "W/"));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join("")),
      ),
      (header) => {
        try {
          parseIf(header);
        } catch (error) {
          expect(error).toBeInstanceOf(WebdavError);
        }
      },
    ),
  );
});
