import { allBuiltins } from "../functions/registry.ts";
import { constantNames } from "../language/constant-names.ts";
import { type SectionType, sectionTypes } from "../language/section-types.ts";
import { sectionCommands } from "../sections/section-commands.ts";
import { sectionHelp, statementHelp } from "../statements/statement-help.ts";

/** A rule of a TextMate grammar, as far as this one uses them. */
export interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly beginCaptures?: Readonly<Record<string, { readonly name: string }>>;
  readonly contentName?: string;
  readonly include?: string;
  readonly patterns?: readonly Rule[];
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** One of the words; longer ones first, because shorter ones may be their beginnings. */
const oneOf = (words: Iterable<string>) =>
  [...new Set(words)]
    .sort((left, right) => right.length - left.length || (left < right ? -1 : 1))
    .map(escaped)
    .join("|");

const nextHeader = "(?=^\\s*\\[[^\\]]+\\]\\s*$)|(?i)(?=^\\s*endfunc\\b)";
const control = ["if", "else", "elseif", "endif", "switch", "case", "defaultcase", "endcase", "endswitch", "for"];
const definition = ["defvar", "defstringlist", "deffunc", "endfunc", "set"];

const include = (name: string): Rule => ({ include: `#${name}` });

/** In sections that do not consist of statements variables are replaced everywhere, also in strings. */
const replaced = [include("variable"), include("constant")];

function keywords(): Rule {
  const others = [...statementHelp.keys()].filter((name) => !control.includes(name) && !definition.includes(name));
  const atStart = (words: Iterable<string>, name: string): Rule => ({
    match: `(?i)(?:^|(?<=\\bdo)[ \\t])\\s*(${oneOf(words)})(?=[ \\t=(]|$)`,
    captures: { 1: { name } },
  });
  return {
    patterns: [
      atStart(control, "keyword.control.opsiscript"),
      atStart(definition, "storage.type.opsiscript"),
      atStart(others, "keyword.other.opsiscript"),
      { match: "(?i)(?<=[ \\t])(in|to|do)(?=[ \\t])", name: "keyword.control.opsiscript" },
      { match: "(?i)(?<![\\w$%])(and|or|not|INT)(?=[ \\t(=<>])", name: "keyword.operator.word.opsiscript" },
      { match: ">=|<=|[<>=+]", name: "keyword.operator.opsiscript" },
      { match: "(?i)(?<=:)\\s*(string|stringlist|void)\\b", captures: { 1: { name: "storage.type.opsiscript" } } },
      { match: "(?i)(?<=[(,])\\s*(ref|val)\\b", captures: { 1: { name: "storage.modifier.opsiscript" } } },
    ],
  };
}

function sectionCalls(): Rule {
  const names = sectionTypes.map((type) => sectionHelp[type].name.replace(/s$/, "")); // ProfileActions begins so, too
  return {
    match: `(?i)(?:^|(?<=\\bdo)[ \\t])\\s*((?:${oneOf(names)})[^ \\t=\\[\\]("']*)`,
    captures: { 1: { name: "entity.name.section.opsiscript" } },
  };
}

/** From the header of such sections to the next one. */
const section = (types: readonly SectionType[], inside: readonly Rule[], contentName?: string): Rule => ({
  begin: `(?i)^\\s*(\\[\\s*(?:${oneOf(types)})[^\\]]*\\])\\s*$`,
  beginCaptures: { 1: { name: "entity.name.section.opsiscript" } },
  end: nextHeader,
  ...(contentName === undefined ? {} : { contentName }),
  patterns: inside,
});

const shells: readonly SectionType[] = ["shellscript", "shellbatch", "shellinanicon", "dosbatch", "dosinanicon"];

function commandSections(): Rule[] {
  return Object.entries(sectionCommands).map(([type, commands]) =>
    section(
      [type as SectionType],
      [
        include("comment"),
        {
          match: `(?i)^\\s*(${oneOf(commands.keys())})(?=[\\s=("'\\[]|$)`,
          captures: { 1: { name: "keyword.other.opsiscript" } },
        },
        include("replacedString"),
        ...replaced,
      ],
    ),
  );
}

/** The grammar by which editors color scripts, made of what statements, functions, sections and constants declare. */
export function textMateGrammar() {
  const string = (quote: string, name: string, inside: readonly Rule[]): Rule => ({
    name: `string.quoted.${name}.opsiscript`,
    begin: quote,
    end: `${quote}|$`,
    patterns: inside,
  });
  const strings = (inside: readonly Rule[]): Rule => ({
    patterns: [string('"', "double", inside), string("'", "single", inside)],
  });
  return {
    $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
    name: "opsi-script",
    scopeName: "source.opsiscript",
    fileTypes: ["opsiscript", "opsiinc", "opsifunc"],
    patterns: [
      section(["execpython"], [...replaced, { include: "source.python" }], "source.python"),
      section(shells, [...replaced, { include: "source.shell" }], "source.shell"),
      ...commandSections(),
      include("header"),
      include("comment"),
      include("rawText"),
      include("keywords"),
      include("sectionCalls"),
      include("string"),
      include("functions"),
      include("variable"),
      include("constant"),
    ] satisfies Rule[],
    repository: {
      comment: { match: "^\\s*;.*$", name: "comment.line.semicolon.opsiscript" },
      header: { match: "^\\s*\\[[^\\]]+\\]\\s*$", name: "entity.name.section.opsiscript" },
      rawText: {
        match: "(?i)^\\s*(comment|message|logerror|logwarning|encoding)\\s*(=)(.*)$",
        captures: {
          1: { name: "keyword.other.opsiscript" },
          2: { name: "keyword.operator.opsiscript" },
          3: { name: "string.unquoted.opsiscript" },
        },
      },
      keywords: keywords(),
      sectionCalls: sectionCalls(),
      string: strings([include("constant")]),
      replacedString: strings(replaced),
      functions: {
        match: `(?i)(?<![\\w$%])(${oneOf(allBuiltins().map(({ name }) => name.toLowerCase()))})(?![\\w$%])`,
        name: "support.function.opsiscript",
      },
      variable: { match: "\\$[^ \\t=\\[\\]()\"',+$]+\\$", name: "variable.other.opsiscript" },
      constant: {
        match: `(?i)%(?:${oneOf(Object.keys(constantNames).map((name) => name.toLowerCase()))})%`,
        name: "constant.language.opsiscript",
      },
    } satisfies Record<string, Rule>,
  };
}
