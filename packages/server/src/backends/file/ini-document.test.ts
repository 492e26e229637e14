import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../configuration/decode-text.ts";
import { IniDocument } from "./ini-document.ts";

const parse = (text: string) => IniDocument.parse(text, "x.ini");

test.each<[what: string, line: string, text: string | null]>([
  ["equals sign", "notes = a", "a"],
  ["colon", "notes: a=b", "a=b"],
  ["upper case", "NOTES = a", "a"],
  ["line feeds", "notes = a\\nb", "a\nb"],
  ["escaped marks", "notes = a \\; b \\# 100%%", "a ; b # 100%"],
  ["a comment", "notes = a ; b", "a"],
  ["marks in quotes", 'notes = "a; b" # c', '"a; b"'],
  ["an odd apostrophe disables comments", "notes = it's # so", "it's # so"],
  ["no value", "notes =", ""],
  ["no delimiter", "notes", null],
])("an option with %s", async (_what, line, text) => {
  expect((await parse(`[info]\n${line}\n`)).text("info", "notes")).toBe(text);
});

test("JSON that the rules for comments cut is still read", async () => {
  const document = await parse('[s]\nv = ["a\\"; b"]\n');
  expect(document.json("s", "v")).toEqual(['a"; b']);
});

const handEdited = `; Our file
# do not touch

[info]
; asset list
notes =   old   ; see below
no option here
description: x

# rooms
[rooms]
a = 1
`;

test("what somebody wrote by hand stays when an option is changed", async () => {
  const document = await parse(handEdited);
  document.setText("info", "notes", "new");
  document.setText("info", "description", "x");
  document.setText("rooms", "b", "2");
  document.setText("more", "c", "3");
  const expected = handEdited
    .replace("notes =   old   ; see below", "notes = new")
    .replace("a = 1\n", "a = 1\nb = 2\n\n[more]\nc = 3\n");
  expect(document.toString()).toBe(expected);
});

test("a section goes with the comments above its head and no others", async () => {
  const document = await parse(handEdited);
  document.removeSection("rooms");
  expect(document.toString()).toBe(handEdited.slice(0, handEdited.indexOf("# rooms")));
});

test("CRLF stays CRLF", async () => {
  const document = await parse("[a]\r\nb = 1\r\n");
  document.setText("a", "b", "2");
  expect(document.toString()).toBe("[a]\r\nb = 2\r\n");
});

test("what is wrong is told with its line, and the rest counts", async () => {
  const document = await parse("x = 1\n[a]\nb = 1\nB = 2\nnothing\n[a]\nc = 3\n");
  expect(document.problems.map(({ line }) => line)).toEqual([1, 4, 5, 6]);
  expect([document.text("a", "b"), document.text("a", "c")]).toEqual(["1", "3"]);
});

test.each<[what: string, bytes: Uint8Array, message: string]>([
  ["NUL", Buffer.from("[a]\nb = 1\0\n"), "x.ini, line 2: a NUL byte"],
  ["an image", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xff]), "x.ini, line 2: neither UTF-8"],
  ["something huge", Buffer.alloc((64 << 20) + 1, 0x20), "67108865 bytes, at most 67108864 are read"],
])("%s is refused", (_what, bytes, message) => {
  expect(() => decodeText(bytes, "x.ini")).toThrow(message);
});

test.each<[what: string, bytes: Uint8Array]>([
  ["UTF-8", Buffer.from("Grüße")],
  ["UTF-8 with its mark", Buffer.from("\ufeffGrüße")],
  ["UTF-16", Buffer.from("\ufeffGrüße", "utf16le")],
  ["UTF-16, the other way round", Buffer.from("\ufeffGrüße", "utf16le").swap16()],
  ["latin-1", Buffer.from("Grüße", "latin1")],
])("text in %s is read", (_what, bytes) => {
  expect(decodeText(bytes, "x.ini")).toBe("Grüße");
});

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\\", "n", ";", "#", "%", '"', "'", " ", "\n", "\r", "\x85", "\u2028", "ü", "="),
    fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
  ),
  maxLength: 20,
});

test("what was written is read again, whatever it is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.tuple(anyText, fc.jsonValue())),
      async (values) => {
        const document = await parse("");
        for (const [name, [text, json]] of Object.entries(values)) {
          document.setText("texts", name, text);
          document.setJson("values", name, json);
        }
        const written = document.toString();
        fc.pre(written.isWellFormed() && !written.includes("\0")); // neither is text that a file can hold
        const again = await parse(decodeText(Buffer.from(written), "x.ini"));
        expect(again.problems).toEqual([]);
        for (const [name, [text, json]] of Object.entries(values)) {
          expect(again.text("texts", name)).toBe(text);
          expect(again.json("values", name)).toEqual(JSON.parse(JSON.stringify(json)));
        }
        expect(again.toString()).toBe(written);
      },
    ),
  );
});

test("whatever bytes a file has: a document or a typed error", async () => {
  const line = fc.constantFrom(
    "[a]",
    "[b",
    "a = 1",
    ';= "x"',
    "=",
    "[]",
    "[a]x",
    " ;",
    "\x85",
    "\ufeff",
    'v = ["a',
    "'#'",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(line, { maxLength: 20 }).map((lines) => Buffer.from(lines.join("\n"))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      try {
        const document = await parse(decodeText(given, "x.ini"));
        const once = document.toString();
        expect((await parse(once)).toString()).toBe(once);
      } catch (error) {
        if (!isOpsiError(error, "BackendIOError")) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
