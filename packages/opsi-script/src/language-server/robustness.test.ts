import fc from "fast-check";
import { expect, test } from "vitest";
import { checkText } from "../check/test-check.ts";
import { toText } from "../text/bytes.ts";
import { complete } from "./complete.ts";
import { describeSymbol, describeWord } from "./describe.ts";
import { symbolAt } from "./find-symbol.ts";
import { byteAt, wordAt } from "./positions.ts";
import { signatureHelp } from "./signature-help.ts";

const line = fc.oneof(
  fc.constantFrom(
    ...[
      'DefVar $ä$ = "1"',
      "set $ä$ = upper(strPart($ä$, ",
      "[Files_x]",
      "copy a b",
      "sub_x",
      "[sub_x]",
      "'%ScriptPath%'",
    ],
    ...["DefFunc f($a$ : string) : string", "endfunc", "Message f(f(", "for %x% in $l$ do ", "%", "$", ""],
  ),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

test("wherever somebody types or points: an answer, and its words are in the line", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(), fc.nat(40), (texts, row, character) => {
      const script = texts.join("\n");
      const result = checkText(script);
      const lines = result.files.get("/script/setup.opsiscript")?.lines.map(({ text }) => text) ?? [];
      const position = { line: row % (lines.length + 1), character };
      const here = lines[position.line] ?? "";
      for (const { textEdit } of complete(result, lines, position)) {
        if (!textEdit || !("range" in textEdit)) continue;
        expect(textEdit.range.end.character).toBeLessThanOrEqual(toText(here).length);
      }
      const at = byteAt(here, character);
      const symbol = symbolAt(result, { path: "/script/setup.opsiscript", line: position.line + 1, at });
      if (symbol) expect(describeSymbol(symbol)).not.toBe("");
      expect(describeWord(wordAt(here, position).text)).not.toBe("");
      signatureHelp(result, here, at);
    }),
    { numRuns: 300 },
  );
});
