import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { textMateGrammar } from "./text-mate.ts";
import { grammarFile } from "./write-grammar.ts";

// both are CommonJS without names for imports
const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma") as typeof import("vscode-oniguruma");
const textmate = require("vscode-textmate") as typeof import("vscode-textmate");

const grammar = textMateGrammar();

test("the file is current (else run node packages/opsi-script/src/grammar/write-grammar.ts and format it)", () => {
  expect(JSON.parse(readFileSync(grammarFile, "utf8"))).toEqual(grammar);
});

async function tokensOf(lines: readonly string[]): Promise<string[][]> {
  await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (name) =>
      name === grammar.scopeName ? textmate.parseRawGrammar(JSON.stringify(grammar), "opsiscript.json") : null,
  });
  const loaded = await registry.loadGrammar(grammar.scopeName);
  if (!loaded) throw new Error("no grammar");
  let stack = textmate.INITIAL;
  return lines.map((line) => {
    const { tokens, ruleStack } = loaded.tokenizeLine(line, stack);
    stack = ruleStack;
    const parts: { scope: string; text: string }[] = [];
    for (const { startIndex, endIndex, scopes } of tokens) {
      const scope = scopes.at(-1)?.replace(/\.opsiscript$/, "") ?? "";
      const text = line.slice(startIndex, endIndex);
      const last = parts.at(-1);
      if (last?.scope === scope) last.text += text;
      else parts.push({ scope, text });
    }
    const colored = parts.filter(({ scope, text }) => scope !== "source" && text.trim() !== "");
    return colored.map(({ scope, text }) => `${text.trim()} ${scope}`);
  });
}

test("an editor colors what the language knows", async () => {
  const script = `; a comment
[Actions]
DefVar $a$ = upper("%ScriptPath%" + 'x')
if not(FileExists($a$)) and $b$ INT> "1"
	for %x% in $list$ do sub_show
comment = raw "text"
Files_copy /64Bit
[Files_copy]
copy -s "a" "$a$"
[ShellScript_x]
echo $a$
[Sub_show]
isSuccess`.split("\n");
  expect(await tokensOf(script)).toEqual([
    ["; a comment comment.line.semicolon"],
    ["[Actions] entity.name.section"],
    [
      "DefVar storage.type",
      "$a$ variable.other",
      "= keyword.operator",
      "upper support.function",
      '" string.quoted.double',
      "%ScriptPath% constant.language",
      '" string.quoted.double',
      "+ keyword.operator",
      "'x' string.quoted.single",
    ],
    [
      "if keyword.control",
      "not keyword.operator.word",
      "FileExists support.function",
      "$a$ variable.other",
      "and keyword.operator.word",
      "$b$ variable.other",
      "INT keyword.operator.word",
      "> keyword.operator",
      '"1" string.quoted.double',
    ],
    [
      "for keyword.control",
      "in keyword.control",
      "$list$ variable.other",
      "do keyword.control",
      "sub_show entity.name.section",
    ],
    ["comment keyword.other", "= keyword.operator", 'raw "text" string.unquoted'],
    ["Files_copy entity.name.section"],
    ["[Files_copy] entity.name.section"],
    [
      "copy keyword.other",
      '"a" string.quoted.double',
      '" string.quoted.double',
      "$a$ variable.other",
      '" string.quoted.double',
    ],
    ["[ShellScript_x] entity.name.section"],
    ["echo source.shell", "$a$ variable.other"],
    ["[Sub_show] entity.name.section"],
    ["isSuccess keyword.other"],
  ]);
});
