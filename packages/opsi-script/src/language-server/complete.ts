import { type CompletionItem, CompletionItemKind, MarkupKind, type Position } from "vscode-languageserver/node";
import type { CheckResult } from "../check/check-script.ts";
import { builtinSignature } from "../check/expression-check.ts";
import { allBuiltins } from "../functions/registry.ts";
import { constantNames } from "../language/constant-names.ts";
import { lineKinds } from "../language/line-kinds.ts";
import { headerName } from "../language/script-text.ts";
import { sectionTypeOf, sectionTypes } from "../language/section-types.ts";
import { sectionCommands } from "../sections/section-commands.ts";
import { sectionHelp, statementHelp } from "../statements/statement-help.ts";
import { toText } from "../text/bytes.ts";
import { describeBuiltin, describeSymbol } from "./describe.ts";
import { wordAt } from "./positions.ts";

interface Proposal {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly detail: string;
  readonly doc: string;
}

const statements: readonly Proposal[] = [...statementHelp.values()].map(({ name, form, doc }) => ({
  ...{ label: name, kind: CompletionItemKind.Keyword, detail: form, doc },
}));

const types: readonly Proposal[] = sectionTypes.map((type) => ({
  ...{ label: sectionHelp[type].name, kind: CompletionItemKind.Module, detail: "section", doc: sectionHelp[type].doc },
}));

const functions: readonly Proposal[] = allBuiltins().map((builtin) => ({
  ...{ label: builtin.name, kind: CompletionItemKind.Function, detail: builtinSignature(builtin) },
  doc: describeBuiltin(builtin),
}));

const constants: readonly Proposal[] = Object.entries(constantNames).map(([name, doc]) => ({
  ...{ label: `%${name}%`, kind: CompletionItemKind.Constant, detail: "constant", doc },
}));

const resultVariable: Proposal = {
  ...{ label: "$result$", kind: CompletionItemKind.Variable, detail: "in functions", doc: "What the function gives." },
};

/** What may stand at a position: commands in a section, statements at the start of a line, names and functions behind. */
export function complete(result: CheckResult | null, lines: readonly string[], position: Position): CompletionItem[] {
  const line = lines[position.line] ?? "";
  const word = wordAt(line, position);
  const before = line.slice(0, word.start);
  const kind = lineKinds(lines)[position.line] ?? "statement";
  const proposals =
    kind === "content" ? inContent(lines, position.line, before, word.text) : inStatement(result, before, word.text);
  return proposals.map(({ label, kind, detail, doc }) => ({
    label,
    kind,
    detail,
    documentation: { kind: MarkupKind.Markdown, value: doc },
    textEdit: { range: word.range, newText: label },
  }));
}

function inContent(lines: readonly string[], row: number, before: string, word: string): readonly Proposal[] {
  if (word.startsWith("%")) return constants;
  const header = lines.slice(0, row).findLast((line) => headerName(line) !== null);
  const type = header === undefined ? null : sectionTypeOf(headerName(header) ?? "");
  const commands = type === null ? undefined : sectionCommands[type];
  if (!commands || before.trim() !== "") return constants;
  return [...commands.values()].map(({ form, doc }) => ({
    ...{ label: form.split(" ")[0] ?? "", kind: CompletionItemKind.Method, detail: form, doc },
  }));
}

function inStatement(result: CheckResult | null, before: string, word: string): readonly Proposal[] {
  const isInText = (before.split('"').length + before.split("'").length) % 2 === 1;
  if (word.startsWith("%") && isInText) return constants;
  const symbols = (result?.symbols ?? []).filter(({ isLoop }) => !isLoop);
  const own = (...kinds: readonly string[]): Proposal[] =>
    unique(
      symbols
        .filter(({ kind }) => kinds.includes(kind))
        .map((symbol) => ({ ...kindsOf[symbol.kind], label: toText(symbol.name), doc: describeSymbol(symbol) })),
    );
  const isFirst = before.trim() === "" || /\bdo[ \t]+$/i.test(before);
  if (isFirst) return [...own("section", "function"), ...statements, ...types];
  return [
    ...own("string", "stringlist", "function"),
    resultVariable,
    ...unique(functions),
    ...(isInText ? constants : []),
  ];
}

const kindsOf = {
  string: { kind: CompletionItemKind.Variable, detail: "string" },
  stringlist: { kind: CompletionItemKind.Variable, detail: "stringlist" },
  function: { kind: CompletionItemKind.Function, detail: "function of the script" },
  section: { kind: CompletionItemKind.Module, detail: "section" },
} as const;

const unique = (proposals: readonly Proposal[]): Proposal[] => [
  ...new Map(proposals.map((proposal) => [proposal.label.toLowerCase(), proposal])).values(),
];
