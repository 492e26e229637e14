import fc from "fast-check";
import { expect, test } from "vitest";
import { IniFile } from "./files/ini-file.ts";
import { parseXml, textOf, writeDocument } from "./files/xml-document.ts";
import { evaluateArithmetic } from "./functions/arithmetic.ts";
import { parseJson, writeCompact } from "./functions/json-value.ts";
import { compilePattern, PatternProblem } from "./functions/regular-expression.ts";
import { parseToml } from "./functions/toml-document.ts";
import { runLines } from "./run/test-interpreter.ts";
import { toBytes, toText } from "./text/bytes.ts";
import { decode, encode, isKnownEncoding } from "./text/encodings.ts";

const texts = fc.string({ unit: "binary", maxLength: 200 });

test("any text: a JSON value or nothing; written values can be read", () => {
  fc.assert(
    fc.property(fc.oneof(texts, fc.json()), (text) => {
      const value = parseJson(toBytes(text));
      if (value) expect(parseJson(toBytes(writeCompact(value)))).not.toBeNull();
    }),
  );
});

test("any text: a TOML table or nothing", () => {
  fc.assert(fc.property(texts, (text) => void parseToml(text)));
});

test("any text: a document with a problem or without; written documents have none", () => {
  const markup = fc.array(fc.constantFrom("<a>", "</a>", "<b c='d'/>", "text", "&lt;", "<!--x-->", "<?y?>", "<", ">"), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        markup.map((parts) => parts.join("")),
      ),
      (text) => {
        const document = parseXml(text);
        if (document.problem === null) expect(parseXml(writeDocument(document).join("\n")).problem).toBeNull();
      },
    ),
  );
});

test("any text: a pattern or a typed error", () => {
  fc.assert(
    fc.property(texts, (text) => {
      try {
        compilePattern(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PatternProblem);
      }
    }),
  );
});

test("any text: a number or nothing", () => {
  const formula = fc.array(fc.constantFrom("1", "2.5", "+", "-", "*", "/", "(", ")", " "), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.oneof(
        texts,
        formula.map((parts) => parts.join("")),
      ),
      (text) => {
        expect(evaluateArithmetic(text) ?? "0").toMatch(/^-?\d+$/);
      },
    ),
  );
  expect(evaluateArithmetic("(".repeat(100_000))).toBeNull();
  expect(evaluateArithmetic(`${"-".repeat(100_001)}2`)).toBe("-2");
});

test.each(["utf8", "utf16le", "utf-16be", "utf16lebom", "utf32le", "utf8-bom"])(
  "%s: what is written is read",
  (name) => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!/^[\ufeff\u0000]/.test(text));
        expect(decode(encode(toBytes(text), name), name)).toBe(toBytes(text));
      }),
    );
  },
);

test.each(["cp1252", "cp850", "cp437", "cp852", "cp1251", "cp932", "iso-8859-1"])(
  "%s: every byte comes back",
  (name) => {
    for (let byte = 0x20; byte < 0x80; byte++) {
      const data = Buffer.from([byte]);
      expect(encode(decode(data, name), name)).toEqual(data);
    }
  },
);

test("what every JavaScript object knows is no name of ours", () => {
  expect(isKnownEncoding("constructor")).toBe(false);
  const { root } = parseXml("<a>&toString;</a>");
  expect(root && textOf(root)).toBe("&toString;");
});

test("a letter whose last byte looks like a blank stays whole, and a hard blank is a text", () => {
  const { log } = runLines("[Actions]\nno statement à");
  expect(log.map(toText)).toContain("     -> no statement à");
  const document = parseXml("<a>\u00a0</a>");
  expect(writeDocument(document)).toContain("<a>\u00a0</a>");
});

test("an ini file keeps what nobody touches", () => {
  const line = fc.oneof(
    fc.constantFrom("[a]", "[b]", "; c", "", "k=v", "x = y"),
    texts.filter((text) => !/[\r\n]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const ini = new IniFile(lines);
      ini.set("new section", "key=value");
      expect(ini.lines.slice(0, lines.length)).toEqual(lines);
      expect(ini.value("NEW SECTION", "KEY")).toBe("value");
    }),
  );
});

const statements = fc.constantFrom(
  ...[
    'if "a" = "a"',
    "else",
    "endif",
    "endif",
    'Switch "a"',
    'Case "a"',
    "EndCase",
    "EndSwitch",
    "DefVar $a$",
    'set $a$ = "x"',
  ],
  ...[
    "DefFunc f() : string",
    "endfunc",
    "comment f()",
    "[sub_a]",
    "sub_a",
    "isSuccess",
    'for %i% in createStringList("1") do sub_a',
  ],
  ...[
    "set $l$ = reverse($l$)",
    "DefStringList $l$",
    "FatalOnSyntaxError = false",
    "LogError x",
    "elseif 1 = 1",
    "Files_x",
    "[Files_x]",
  ],
);

test("any script comes to an end", () => {
  fc.assert(
    fc.property(fc.array(statements, { maxLength: 30 }), (lines) => {
      const { interpreter } = runLines(`[Actions]\n${lines.join("\n")}`);
      expect(interpreter.state.errors).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 300 },
  );
});

test("sections that call each other end the script, also where syntax errors do not", () => {
  const { interpreter } = runLines("[Actions]\nFatalOnSyntaxError = false\nsub_a\n[sub_a]\nsub_a");
  expect(interpreter.state.fatal).toBe(true); // two calls each would take 2^400 steps otherwise
});
