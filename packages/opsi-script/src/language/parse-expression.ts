import type { Overloads, Parameter, ParameterType } from "../functions/builtin.ts";
import { findBuiltin } from "../functions/registry.ts";
import { lowerAscii, trim } from "../text/bytes.ts";
import { Cursor, stops } from "./lexer.ts";
import { SyntaxProblem } from "./problems.ts";
import type { CallExpression, Expression, Relation, Span } from "./syntax.ts";

/** In an index range the colon ends a name as well. */
const rangeStops: ReadonlySet<string> = new Set([...stops.name, ":"]);
const bareInteger = /[+-]?\d+/y;
const relations: readonly Relation[] = [">=", "<=", ">", "<", "="];
/** Nesting of brackets and calls in one line; more is a mistake or an attack on the stack. */
const deepest = 200;

const span = (start: number, cursor: Cursor): Span => ({ start, end: cursor.position });

/** A string or list expression (`S`, `L` of the grammar, language §4.1). */
export function parseValue(cursor: Cursor, stop: ReadonlySet<string> = stops.name, depth = 0): Expression {
  const start = cursor.position;
  const first = parsePrimary(cursor, stop, depth);
  if (cursor.next !== "+") return first;
  const parts = [first];
  while (cursor.skip("+")) parts.push(parsePrimary(cursor, stop, depth));
  return { kind: "join", parts, span: span(start, cursor) };
}

function parsePrimary(cursor: Cursor, stop: ReadonlySet<string>, depth: number): Expression {
  if (depth > deepest) throw new SyntaxProblem("Expression is nested too deeply");
  const start = cursor.position;
  if (cursor.next === '"' || cursor.next === "'") {
    const value = cursor.literal();
    return { kind: "text", value, span: span(start, cursor) };
  }
  if (cursor.next === "(") {
    cursor.skip("(");
    const inner = parseValue(cursor, stops.name, depth + 1);
    cursor.expect(")");
    return { kind: "group", inner, span: span(start, cursor) };
  }
  if (cursor.startsWith("EscapeString:")) {
    const value = trim(cursor.rest.slice("EscapeString:".length));
    cursor.position = cursor.text.length;
    return { kind: "text", value, span: span(start, cursor) };
  }
  const name = cursor.word(stop);
  if (name === "") throw new SyntaxProblem("Illegal string expression");
  return parseCall(cursor, name, start, depth);
}

/** A name with the arguments behind it, if there are any; the cursor stands behind the name. */
export function parseCall(cursor: Cursor, name: string, start: number, depth = 0): CallExpression {
  const key = lowerAscii(name);
  const builtin = findBuiltin(key);
  const parsed = cursor.next === "(" ? parseArguments(cursor, builtin, depth + 1) : null;
  let modifiers = "";
  if (key === "processcall" && parsed !== null && cursor.next === "/") {
    modifiers = cursor.rest;
    cursor.position = cursor.text.length;
  }
  return { kind: "call", name, key, builtin, arguments: parsed, modifiers, span: span(start, cursor) };
}

function parseArguments(cursor: Cursor, builtin: Overloads | undefined, depth: number): Expression[] {
  const parameters = parametersOf(builtin);
  const parsed: Expression[] = [];
  cursor.expect("(");
  if (cursor.skip(")")) return parsed;
  do {
    const parameter = parameters[parsed.length] ?? parameters.at(-1);
    parsed.push(parseArgument(cursor, parameter?.type ?? "string", depth));
  } while (cursor.skip(","));
  cursor.expect(")");
  return parsed;
}

/** Overloads of one name differ in the types, hardly in the way the arguments are written: the longest list serves. */
function parametersOf(builtin: Overloads | undefined): readonly Parameter[] {
  let longest: readonly Parameter[] = [];
  for (const { parameters } of [builtin?.string, builtin?.list, builtin?.boolean].filter((one) => one !== undefined)) {
    if (parameters.length > longest.length) longest = parameters;
  }
  return longest;
}

function parseArgument(cursor: Cursor, type: ParameterType, depth: number): Expression {
  switch (type) {
    case "boolean":
      return parseBoolean(cursor, depth);
    case "stringOrBoolean":
      return parseStringOrBoolean(cursor, depth);
    case "index":
      return parseInteger(cursor) ?? parseValue(cursor, stops.name, depth);
    case "range":
      return parseRange(cursor, depth);
    default:
      return parseValue(cursor, stops.name, depth);
  }
}

type Outcome = { readonly expression: Expression; readonly end: number } | SyntaxProblem;
const outcomes = new WeakMap<Cursor, Map<number, Outcome>>();

/**
 * An argument that may be one or the other is read twice, and such arguments may stand in each other: what was found at
 * a position is remembered, or the time would double with each level.
 */
function parseStringOrBoolean(cursor: Cursor, depth: number): Expression {
  const known = outcomes.get(cursor) ?? new Map<number, Outcome>();
  outcomes.set(cursor, known);
  const start = cursor.position;
  const found = known.get(start) ?? outcomeOf(cursor, depth);
  known.set(start, found);
  if (found instanceof SyntaxProblem) throw found;
  cursor.position = found.end;
  return found.expression;
}

function outcomeOf(cursor: Cursor, depth: number): Outcome {
  const start = cursor.position;
  try {
    const expression = parseValue(cursor, stops.name, depth);
    const isBoolean =
      expression.kind === "group" || (expression.kind === "call" && expression.builtin?.boolean !== undefined);
    if (!isBoolean && (cursor.next === ")" || cursor.next === ",")) return { expression, end: cursor.position };
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
  }
  cursor.position = start;
  try {
    const expression = parseBoolean(cursor, depth);
    return { expression, end: cursor.position };
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return problem;
    throw problem;
  }
}

function parseInteger(cursor: Cursor): Expression | null {
  const start = cursor.position;
  bareInteger.lastIndex = start;
  const value = bareInteger.exec(cursor.text)?.[0];
  if (value === undefined) return null;
  cursor.position += value.length;
  cursor.skipBlanks();
  return { kind: "number", value, span: span(start, cursor) };
}

function parseRange(cursor: Cursor, depth: number): Expression {
  const start = cursor.position;
  const bound = () => parseInteger(cursor) ?? parseValue(cursor, rangeStops, depth);
  const from = cursor.next === ":" ? null : bound();
  cursor.expect(":");
  const to = cursor.next === "," ? null : bound();
  return { kind: "range", from, to, span: span(start, cursor) };
}

/**
 * A boolean expression. `and` and `or` have the same rank and group to the right (language §4.3).
 */
export function parseBoolean(cursor: Cursor, depth = 0): Expression {
  const start = cursor.position;
  const left = parseCondition(cursor, depth);
  for (const kind of ["and", "or"] as const) {
    if (!cursor.skip(kind)) continue;
    const right = parseBoolean(cursor, depth + 1);
    return { kind, left, right, span: span(start, cursor) };
  }
  return left;
}

function parseCondition(cursor: Cursor, depth: number): Expression {
  if (depth > deepest) throw new SyntaxProblem("Expression is nested too deeply");
  const start = cursor.position;
  if (cursor.next === "(") {
    cursor.skip("(");
    const inner = parseBoolean(cursor, depth + 1);
    cursor.expect(")");
    return inner;
  }
  if (/^not[ \t]*\(/i.test(cursor.rest)) {
    cursor.skip("not");
    cursor.expect("(");
    const inner = parseBoolean(cursor, depth + 1);
    cursor.expect(")");
    return { kind: "not", inner, span: span(start, cursor) };
  }
  const call = parseBooleanCall(cursor, depth);
  return call?.done ? call.expression : parseComparison(cursor, start, call?.expression ?? null, depth);
}

/**
 * A boolean function, or the call that turns out to be the string function of the same name: three arguments make
 * `CompareDotSeparatedNumbers` a truth value, two a string that is compared.
 */
function parseBooleanCall(cursor: Cursor, depth: number): { done: boolean; expression: Expression } | null {
  const start = cursor.position;
  if (cursor.next === '"' || cursor.next === "'") return null;
  const name = cursor.word(stops.name);
  const key = lowerAscii(name);
  if (key === "errorsoccurredsincemark" || key === "errorsoccuredsincemark") {
    return { done: true, expression: parseErrorsSinceMark(cursor, start) };
  }
  const builtin = findBuiltin(key);
  if (builtin?.boolean === undefined) {
    cursor.position = start;
    return null;
  }
  const expression = parseCall(cursor, name, start, depth);
  const count = expression.arguments?.length ?? 0;
  const done = builtin.string === undefined || count === builtin.boolean.parameters.length;
  return { done, expression };
}

function parseErrorsSinceMark(cursor: Cursor, start: number): Expression {
  const relation = parseRelation(cursor);
  const number = parseInteger(cursor);
  if (number?.kind !== "number") {
    cursor.position = cursor.text.length;
    throw new SyntaxProblem("Integer expected");
  }
  return { kind: "errorsSinceMark", relation, number: Number(number.value), span: span(start, cursor) };
}

export function parseRelation(cursor: Cursor): Relation {
  for (const relation of relations) if (cursor.skip(relation)) return relation;
  throw new SyntaxProblem("Comparison operator expected");
}

function parseComparison(cursor: Cursor, start: number, given: Expression | null, depth: number): Expression {
  let left = given ?? parseValue(cursor, stops.name, depth);
  if (given !== null && cursor.skip("+")) {
    const rest = parseValue(cursor, stops.name, depth);
    left = { kind: "join", parts: [given, rest], span: span(start, cursor) };
  }
  const numeric = cursor.skip("INT");
  const relation = parseRelation(cursor);
  const right = parseValue(cursor, stops.name, depth);
  return { kind: "compare", relation, numeric, left, right, span: span(start, cursor) };
}

const literals = new Map<string, readonly Expression[] | SyntaxProblem>();

/**
 * The elements of a JSON-style list: the content of a string such as `["a", $b$]` (language §4.2). Remembered by text.
 *
 * @throws SyntaxProblem when the text is no list
 */
export function parseListLiteral(text: string): readonly Expression[] {
  const known = literals.get(text);
  if (known instanceof SyntaxProblem) throw known;
  if (known) return known;
  if (literals.size > 1000) literals.clear();
  try {
    const cursor = new Cursor(text);
    cursor.expect("[");
    const elements: Expression[] = [];
    if (!cursor.skip("]")) {
      do elements.push(parseValue(cursor));
      while (cursor.skip(","));
      cursor.expect("]");
    }
    if (!cursor.atEnd) throw new SyntaxProblem("End of list expected");
    literals.set(text, elements);
    return elements;
  } catch (problem) {
    if (problem instanceof SyntaxProblem) literals.set(text, problem);
    throw problem;
  }
}
