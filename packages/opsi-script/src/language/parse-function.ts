import { lowerAscii } from "../text/bytes.ts";
import { type Cursor, stops } from "./lexer.ts";
import { SyntaxProblem } from "./problems.ts";
import type { FunctionParameter, Statement, ValueKind } from "./syntax.ts";

const mostParameters = 65;

/** `NAME ( [val|ref] P : TYPE, … ) : RTYPE`, the header of a defined function (language §2.5). */
export function parseDefFunc(cursor: Cursor): Statement {
  const at = cursor.position;
  const name = cursor.word(stops.definedFunction);
  if (name === "") throw new SyntaxProblem("Function name expected");
  cursor.expect("(");
  const parameters: FunctionParameter[] = [];
  if (!cursor.skip(")")) {
    do parameters.push(parseParameter(cursor));
    while (cursor.skip(","));
    cursor.expect(")");
  }
  if (parameters.length > mostParameters) throw new SyntaxProblem(`More than ${mostParameters} parameters`);
  cursor.expect(":");
  const typeAt = cursor.position;
  const type = cursor.word(stops.parameter).toLowerCase();
  if (type !== "string" && type !== "stringlist" && type !== "void")
    throw new SyntaxProblem(`Unknown type: ${type}`, typeAt);
  return { kind: "deffunc", name, key: lowerAscii(name), at, parameters, returns: type };
}

function parseParameter(cursor: Cursor): FunctionParameter {
  let at = cursor.position;
  let name = cursor.word(stops.parameter);
  const mode = name.toLowerCase();
  const hasMode = (mode === "val" || mode === "ref") && cursor.next !== ":";
  if (hasMode) {
    at = cursor.position;
    name = cursor.word(stops.parameter);
  }
  if (name === "") throw new SyntaxProblem("Parameter name expected");
  cursor.expect(":");
  const typeAt = cursor.position;
  const type = cursor.word(stops.parameter).toLowerCase();
  if (type !== "string" && type !== "stringlist") throw new SyntaxProblem(`Unknown type: ${type}`, typeAt);
  return { name, key: lowerAscii(name), at, type: type satisfies ValueKind, byReference: hasMode && mode === "ref" };
}
