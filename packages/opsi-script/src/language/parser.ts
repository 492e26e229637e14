import { lowerAscii, trim } from "../text/bytes.ts";
import { Cursor, stops } from "./lexer.ts";
import { parseBoolean, parseCall, parseRelation, parseValue } from "./parse-expression.ts";
import { parseDefFunc } from "./parse-function.ts";
import { SyntaxProblem } from "./problems.ts";
import { sectionTypeOf } from "./section-types.ts";
import type { Expression, Statement, StatementProblem, TextStatement } from "./syntax.ts";

type Parse = (cursor: Cursor) => Statement;

const remaining = (cursor: Cursor) => {
  if (!cursor.atEnd) throw new SyntaxProblem(`Remaining char(s) not allowed here: ${cursor.rest}`);
};

function parseSet(cursor: Cursor): Statement {
  const at = cursor.position;
  const name = cursor.word(stops.name);
  if (name === "") throw new SyntaxProblem("Variable name expected");
  cursor.expect("=");
  const value = parseValue(cursor);
  return { kind: "set", name, key: lowerAscii(name), at, value, rest: cursor.rest };
}

const parseDefine =
  (list: boolean): Parse =>
  (cursor) => {
    const at = cursor.position;
    const name = cursor.word(stops.name);
    if (name === "") throw new SyntaxProblem("Variable name expected");
    const base = { kind: "define", list, name, key: lowerAscii(name), at, ...noProblem } as const;
    if (cursor.atEnd) return { ...base, value: null, rest: "" };
    if (!cursor.skip("=")) return { ...base, value: null, rest: cursor.rest };
    return attempt(
      cursor,
      () => {
        const value = parseValue(cursor);
        return { ...base, value, rest: cursor.rest };
      },
      (problem) => ({ ...base, value: null, ...problem, rest: "" }),
    );
  };

const noProblem: StatementProblem = { problem: "", problemAt: 0 };

/** Runs a parser whose failure is itself a result: the statement has an effect (nesting, a variable) all the same. */
function attempt(cursor: Cursor, parse: () => Statement, failed: (problem: StatementProblem) => Statement): Statement {
  try {
    return parse();
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
    return failed({ problem: problem.message, problemAt: problem.position ?? cursor.position });
  }
}

const parseIf =
  (kind: "if" | "elseif"): Parse =>
  (cursor) => {
    const base = { kind, text: cursor.rest, length: cursor.text.length } as const;
    return attempt(
      cursor,
      () => {
        const condition = parseBoolean(cursor);
        if (cursor.atEnd) return { ...base, condition, ...noProblem, hasRest: false };
        const problem = { problem: `Erroneous characters: ${cursor.rest}`, problemAt: cursor.position };
        return { ...base, condition, ...problem, hasRest: true };
      },
      (problem) => ({ ...base, condition: null, ...problem, hasRest: !cursor.atEnd }),
    );
  };

const parseSwitch =
  (kind: "switch" | "case"): Parse =>
  (cursor) =>
    attempt(
      cursor,
      () => {
        const value = parseValue(cursor);
        remaining(cursor);
        return { kind, value, ...noProblem };
      },
      (problem) => ({ kind, value: null, ...problem }),
    );

const block =
  (kind: "else" | "endif" | "endswitch" | "endcase" | "defaultcase" | "endfunc"): Parse =>
  () => ({ kind });

function parseFor(cursor: Cursor): Statement {
  const at = cursor.position;
  const variable = cursor.word(stops.plain);
  if (variable === "") throw new SyntaxProblem("Loop variable expected");
  if (cursor.skip("=")) {
    const from = parseValue(cursor);
    cursor.expect("to");
    const to = parseValue(cursor);
    cursor.expect("do");
    return { kind: "forCount", variable, at, from, to, body: cursor.rest };
  }
  cursor.expect("in");
  const list = parseValue(cursor);
  cursor.expect("do");
  return { kind: "forEach", variable, at, list, body: cursor.rest };
}

/**
 * `comment S` or `comment = text`.
 *
 * @param required whether nothing at all is a syntax error
 */
const parseText =
  (which: TextStatement, required: boolean): Parse =>
  (cursor) => {
    if (cursor.skip("=")) return { kind: "text", which, raw: cursor.rest, value: null, ...noProblem };
    if (cursor.atEnd && !required) return { kind: "text", which, raw: "", value: null, ...noProblem };
    if (cursor.atEnd) throw new SyntaxProblem("String expression expected");
    const parse = (): Statement => ({ kind: "text", which, raw: null, value: parseValue(cursor), ...noProblem });
    if (which !== "comment") return parse();
    return attempt(cursor, parse, (problem) => ({ kind: "text", which, raw: null, value: null, ...problem }));
  };

const parseFlag =
  (which: string): Parse =>
  (cursor) => {
    if (!cursor.skip("=")) throw new SyntaxProblem('"=" expected');
    const value = cursor.next === '"' || cursor.next === "'" ? cursor.literal() : cursor.word(stops.plain);
    return { kind: "flag", which, value: value.toLowerCase() };
  };

const parseSimple =
  (which: string): Parse =>
  (cursor) => {
    remaining(cursor);
    return { kind: "simple", which };
  };

const nothing: Parse = () => ({ kind: "nothing" });

const parseCommand =
  (which: string, least: number, most: number): Parse =>
  (cursor) => {
    const parsed: Expression[] = [];
    while (parsed.length < most && !cursor.atEnd) parsed.push(parseValue(cursor));
    if (parsed.length < least) throw new SyntaxProblem("String expression expected");
    remaining(cursor);
    return { kind: "command", which, arguments: parsed, word: "" };
  };

/** `= N`, `= S`: a bare word or an expression. */
const parseLevel =
  (which: string): Parse =>
  (cursor) => {
    cursor.expect("=");
    return parseWordOrValue(which, cursor);
  };

function parseWordOrValue(which: string, cursor: Cursor): Statement {
  if (/^[+-]?\d+$/.test(cursor.rest)) return { kind: "command", which, arguments: [], word: cursor.rest };
  const value = parseValue(cursor);
  remaining(cursor);
  return { kind: "command", which, arguments: [value], word: "" };
}

const parseRestWord =
  (which: string, allowed: readonly string[]): Parse =>
  (cursor) => {
    const word = trim(cursor.rest).toLowerCase();
    if (!allowed.includes(word)) throw new SyntaxProblem(`Unknown parameter: ${cursor.rest}`);
    return { kind: "command", which, arguments: [], word };
  };

function parseRequiredVersion(cursor: Cursor): Statement {
  const operator = parseRelation(cursor);
  if (cursor.next === '"' || cursor.next === "'") {
    return { kind: "command", which: "requiredversion", arguments: [parseValue(cursor)], word: operator };
  }
  const value = trim(cursor.rest);
  if (value === "") throw new SyntaxProblem("Version expected");
  const text: Expression = { kind: "text", value, span: { start: cursor.position, end: cursor.text.length } };
  return { kind: "command", which: "requiredversion", arguments: [text], word: operator };
}

/** `name(arguments)` as a statement: `shellCall("…")` and calls of defined functions without a result. */
function parseCallStatement(word: string, cursor: Cursor, start: number): Statement {
  if (cursor.next !== "(") return { kind: "call", call: null, word };
  const call = parseCall(cursor, word, start);
  return { kind: "call", call, word };
}

const parseNamedCall =
  (word: string): Parse =>
  (cursor) => {
    if (cursor.next !== "(") throw new SyntaxProblem('"(" expected');
    return parseCallStatement(word, cursor, 0);
  };

const reboots = [
  "/immediatereboot",
  "/immediatelogout",
  "/reboot",
  "/rebootwanted",
  "/logoutwanted",
  "/shutdownwanted",
] as const;

const callNames = ["shellCall", "powershellCall", "executeSection", "importCertToSystem", "removeCertFromSystem"];
/** Statements that are written like functions; lower case. */
export const callStatements: ReadonlySet<string> = new Set(callNames.map((name) => name.toLowerCase()));

/** Every statement by its exact name (language §3). */
const statements: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ["set", parseSet],
  ["defvar", parseDefine(false)],
  ["defstringlist", parseDefine(true)],
  ["if", parseIf("if")],
  ["elseif", parseIf("elseif")],
  ...(["else", "endif", "endswitch", "endcase", "defaultcase", "endfunc"] as const).map((kind): [string, Parse] => [
    kind,
    block(kind),
  ]),
  ["switch", parseSwitch("switch")],
  ["case", parseSwitch("case")],
  ["for", parseFor],
  ["deffunc", parseDefFunc],
  ["message", parseText("message", true)],
  ["showmessagefile", parseText("showmessagefile", true)],
  ["comment", parseText("comment", true)],
  ["logerror", parseText("logerror", true)],
  ["logwarning", parseText("logwarning", true)],
  ["setactionprogress", parseText("setactionprogress", false)],
  ["changedirectory", parseText("changedirectory", false)],
  ["pause", parseText("pause", false)],
  ["stop", parseText("stop", false)],
  ...[
    "fatalonsyntaxerror",
    "fatalonruntimeerror",
    "exitonerror",
    "setdebug_prog",
    "setdebug_lib",
    "forceloginappendmode",
    "tracemode",
    "scripterrormessages",
    "stayontop",
    "autoactivitydisplay",
  ].map((which): [string, Parse] => [which, parseFlag(which)]),
  ...[
    "markerrornumber",
    "issuccess",
    "noupdatescript",
    "issuspended",
    "isdeferred",
    "reloadproductlist",
    "marktime",
    "difftime",
    "saveversiontoprofile",
    "updateenvironment",
  ].map((which): [string, Parse] => [which, parseSimple(which)]),
  ...["iconizewinst", "normalizewinst", "maximizewinst", "restorewinst", "showbitmap", "setskindirectory"].map(
    (which): [string, Parse] => [which, nothing],
  ),
  ["setoutputlevel", nothing],
  ["encoding", nothing],
  ["workonstringlist", nothing],
  ["addconnection", nothing],
  ["isfatalerror", parseCommand("isfatalerror", 0, 1)],
  ["exitscript", parseCommand("exitscript", 0, 3)],
  ["killtask", parseCommand("killtask", 1, 1)],
  ["setconfidential", parseCommand("setconfidential", 1, 1)],
  ["includelog", parseCommand("includelog", 2, 3)],
  ["include_insert", parseCommand("include_insert", 1, 1)],
  ["include_append", parseCommand("include_append", 1, 1)],
  ["importlib", parseCommand("importlib", 1, 1)],
  ["staywhilewindowopen", parseCommand("staywhilewindowopen", 1, 1)],
  ["blockinput", parseCommand("blockinput", 1, 1)],
  ["loadproductproperties", parseCommand("loadproductproperties", 2, 2)],
  ["shrinkfiletomb", (cursor) => parseShrink(cursor)],
  ["sleepseconds", (cursor) => parseWordOrValue("sleepseconds", cursor)],
  ["setloglevel", parseLevel("setloglevel")],
  ["loglevel", parseLevel("loglevel")],
  ["setusercontext", parseLevel("setusercontext")],
  ["exitwindows", parseRestWord("exitwindows", reboots)],
  ["opsiservicecall", parseRestWord("opsiservicecall", ["/preloginservice"])],
  ["requiredopsiscriptversion", parseRequiredVersion],
  ["requiredwinstversion", parseRequiredVersion],
  ...callNames.map((name): [string, Parse] => [name.toLowerCase(), parseNamedCall(name)]),
]);

function parseShrink(cursor: Cursor): Statement {
  const file = parseValue(cursor);
  const word = trim(cursor.rest);
  if (!/^\d+$/.test(word)) throw new SyntaxProblem("Integer expected");
  return { kind: "command", which: "shrinkfiletomb", arguments: [file], word };
}

/** Lower case. */
export const statementNames: readonly string[] = [...statements.keys()];

/** Whether a name must not be given to a variable: it would be taken for a statement (language §2.2). */
export const isReserved = (name: string): boolean => {
  const key = name.toLowerCase();
  return statements.has(key) || sectionTypeOf(key) !== null;
};

/** Understands one line. Pure: nothing is looked up that a script can define. */
export function parseLine(text: string): Statement {
  const cursor = new Cursor(trim(text));
  if (cursor.atEnd || cursor.next === ";") return { kind: "nothing" };
  const word = cursor.word(stops.statement);
  const key = lowerAscii(word);
  return attempt(
    cursor,
    () => {
      const statement = statements.get(key);
      if (statement && !(key === "opsiservicecall" && cursor.next !== "/")) return statement(cursor);
      const type = sectionTypeOf(key);
      if (type === null) return parseCallStatement(word, cursor, 0);
      return { kind: "section", type, name: type.length === key.length ? "" : word, parameters: cursor.rest };
    },
    ({ problem, problemAt }) => ({ kind: "invalid", message: problem, at: problemAt }),
  );
}

const remembered = new Map<string, Statement>();
/** Loop bodies differ in each pass; the limit keeps a long loop from filling the memory. */
const mostRemembered = 20_000;

/** `parseLine`, remembered by text: loops and functions execute the same lines again and again. */
export function parseLineOnce(text: string): Statement {
  const known = remembered.get(text);
  if (known) return known;
  if (remembered.size >= mostRemembered) remembered.clear();
  const statement = parseLine(text);
  remembered.set(text, statement);
  return statement;
}
