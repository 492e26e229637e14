import fc from "fast-check";
import { expect, test } from "vitest";
import { davChild, elements, parseXml, writeXml, type XmlElement } from "./xml.ts";

test("namespaces, attributes, entities, CDATA and comments are understood", () => {
  const root = parseXml(
    `\uFEFF<?xml version="1.0"?><!-- hello --><D:propfind xmlns:D="DAV:" xmlns:X='urn:x'>
      <D:prop><X:a X:b="1&amp;2" c='&#65;&#x42;'>&lt;ä<![CDATA[<&>]]></X:a><e xmlns="urn:e"/><f/></D:prop></D:propfind>`,
  );
  expect([root.namespace, root.name]).toEqual(["DAV:", "propfind"]);
  const prop = davChild(root, "prop");
  const [a, e, f] = prop === null ? [] : elements(prop);
  expect(a).toMatchObject({ namespace: "urn:x", name: "a", children: ["<ä", "<&>"] });
  expect(a?.attributes).toEqual([
    { namespace: "urn:x", name: "b", value: "1&2" },
    { namespace: "", name: "c", value: "AB" },
  ]);
  expect([e?.namespace, f?.namespace]).toEqual(["urn:e", ""]);
});

test.each([
  ["", "not complete"],
  ["text", "outside of the root"],
  ["<a>", "not complete"],
  ["<a></b>", "unexpected end"],
  ["<a/><b/>", "more than one root"],
  ["<a b='1' b='2'/>", "twice"],
  ["<a:b/>", "not declared"],
  ["<a>&e;</a>", "no known entity"],
  ["<a>&</a>", "no known entity"],
  ["<a", "not complete"],
  ["< a/>", "no name"],
  ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document types"],
  ["<a>".repeat(100), "too deeply"],
])("%j is refused", (text, reason) => {
  expect(() => parseXml(text)).toThrow(reason);
});

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const text = fc
  .string({ unit: "grapheme", minLength: 1 })
  .filter((value) => !/[\r\0-\x08\x0b\x0c\x0e-\x1f]/.test(value));
const tree: fc.Arbitrary<XmlElement> = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.record({
    namespace: fc.constantFrom("DAV:", "urn:x", "http://example.org/?a&b"),
    name: word,
    attributes: fc.uniqueArray(fc.record({ namespace: fc.constant(""), name: word, value: text }), {
      selector: ({ name }) => name,
      maxLength: 2,
    }),
    children: fc.oneof(
      { depthSize: "small" },
      fc.constant([]),
      fc.tuple(text),
      fc.array(tie("element"), { maxLength: 3 }),
    ),
  }),
})).element;

test("what was written is read again", () => {
  fc.assert(
    fc.property(tree, (element) => {
      expect(parseXml(`<r xmlns:D="DAV:">${writeXml(element)}</r>`).children).toEqual([element]);
    }),
  );
});

test("whatever text arrives: an element or an error with a reason", () => {
  const pieces = fc.array(
    fc.constantFrom("<", ">", "/", "a", "b:", "=", '"', "'", " ", "&", ";", "!", "--", "?", "[", "]", "xmlns"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join("")),
      ),
      (document) => {
        try {
          parseXml(document);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      },
    ),
  );
});
