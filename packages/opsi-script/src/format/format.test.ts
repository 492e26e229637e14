import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLine } from "../language/parser.ts";
import { ScriptText } from "../language/script-text.ts";
import { parseSource } from "../language/source.ts";
import { trim } from "../text/bytes.ts";
import { formatFile } from "./format-file.ts";

const format = (text: string) => formatFile(Buffer.from(text), "\t").toString();

test("blocks are indented, other sections and spellings stay", () => {
  const script = `encoding=utf8
; a comment
   [Actions]
DefVar $a$
DEFFUNC f() : void
    If $a$="x"
comment "1"
      ; why
  ElseIf $a$ = "y"
  else
 Switch $a$
 Case "z"
 comment  "two  blanks"   \n EndCase
 DefaultCase
 EndCase
 EndSwitch
 EndIf
 Files_x
  [Files_x]
    copy a b
  endfunc

	f()
    \n[ShellScript_x]
    if true; then
  echo
    fi

[Sub_a]
  comment "x"`;
  expect(format(script)).toBe(`encoding=utf8
; a comment
[Actions]
DefVar $a$
DEFFUNC f() : void
	If $a$="x"
		comment "1"
		; why
	ElseIf $a$ = "y"
	else
		Switch $a$
			Case "z"
				comment  "two  blanks"
			EndCase
			DefaultCase
			EndCase
		EndSwitch
	EndIf
	Files_x
	[Files_x]
    copy a b
endfunc

f()

[ShellScript_x]
    if true; then
  echo
    fi

[Sub_a]
comment "x"`);
});

test("encodings, marks and line ends stay", () => {
  const unix = '[Actions]\nif "ä" = $a$\ncomment "ö"\nendif\n';
  const windows = unix.replaceAll("\n", "\r\n");
  const wanted = windows.replace("comment", "\tcomment");
  const utf16 = formatFile(Buffer.from(`\ufeff${windows}`, "utf16le"), "\t");
  expect(utf16.toString("utf16le")).toBe(`\ufeff${wanted}`);
  const legacy = formatFile(Buffer.from(`encoding=cp1252\r\n${windows}`, "latin1"), "\t");
  expect(legacy.toString("latin1")).toBe(`encoding=cp1252\r\n${wanted}`);
  expect(format(`\ufeff${unix}`)).toBe(`\ufeff${unix.replace("comment", "\tcomment")}`);
  const odd = Buffer.from([...Buffer.from("[Actions]\n  comment "), 0x22, 0xff, 0xfe, 0x22, 10]);
  expect(formatFile(odd, "\t")).toEqual(Buffer.from(odd.toString("latin1").replace("  comment", "comment"), "latin1"));
});

test("text without a header that is no script stays", () => {
  expect(format("def f():\n    return 1\n")).toBe("def f():\n    return 1\n");
  expect(format('  DefVar $a$\n  set $a$ = "x"')).toBe('DefVar $a$\nset $a$ = "x"');
});

const line = fc.oneof(
  fc.constantFrom(
    ...['if "a" = "b"', "if broken", "else", "elseif", "endif", "Switch $a$", "Case $a$", "EndCase", "EndSwitch"],
    ...[
      "DefFunc f() : void",
      "DefFunc broken",
      "endfunc",
      "  endfunc ; x",
      "[sub_a]",
      " [Files_x] ",
      "[Actions]",
      "[]",
    ],
    ...["  text  ", "\tcomment $a$ ", "", "   ", "; x", "EscapeString: x  "],
  ),
  fc.string({ unit: "binary-ascii", maxLength: 20 }),
);

test("the meaning stays: statements, sections and their text; a second time changes nothing", () => {
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom("\n", "\r\n"), (lines, end) => {
      const data = Buffer.from(lines.map((text) => text + end).join(""));
      const formatted = formatFile(data, "  ");
      expect(formatFile(formatted, "  ")).toEqual(formatted);
      const before = parseSource(data, "x").lines;
      const after = parseSource(formatted, "x").lines;
      expect(after.map(({ text }) => trim(text))).toEqual(before.map(({ text }) => trim(text)));
      expect(after.map(({ text }) => parseLine(text))).toEqual(before.map(({ text }) => parseLine(text)));
      for (const name of ["actions", "sub_a", "files_x"]) {
        const [old, now] = [before, after].map((texts) => new ScriptText(texts).section(name)?.map(({ text }) => text));
        if (name === "files_x") expect(now).toEqual(old);
        else expect(now?.map(trim)).toEqual(old?.map(trim));
      }
    }),
    { numRuns: 1000 },
  );
});

test("a script of 100,000 open conditions does not grow without limit", () => {
  const script = `[Actions]\n${'if "a" = "b"\n'.repeat(100_000)}`;
  expect(format(script).length).toBeLessThan(script.length * 10);
});
