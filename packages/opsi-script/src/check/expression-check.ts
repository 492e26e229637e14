import type { AnyBuiltin, Parameter } from "../functions/builtin.ts";
import { constantOf } from "../language/constant-names.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { parseListLiteral } from "../language/parse-expression.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { CallExpression, Expression, FunctionParameter } from "../language/syntax.ts";
import { lowerAscii, trim } from "../text/bytes.ts";
import type { ProblemCode } from "./diagnostic.ts";
import { type FunctionInfo, type Program, placeAt, type Spot } from "./program.ts";

/** What the check of expressions needs from above: calls lead into functions and sections. */
export interface Calls {
  enterFunction(info: FunctionInfo, spot: Spot): void;
  useSection(name: string, at: { start: number; end: number }, spot: Spot): void;
}

const kindNames = { string: "a string", stringlist: "a string list", list: "a string list", void: "nothing" } as const;

/** Functions whose first argument is the call of a section. */
const sectionCallers = new Set(["executesection", "getoutstreamfromsection", "getreturnlistfromsection"]);

/**
 * Follows expressions as the evaluator does, without values: every name must be known, every part must be what its
 * place asks for.
 */
export class ExpressionCheck {
  readonly #program: Program;
  readonly #calls: Calls;

  constructor(program: Program, calls: Calls) {
    this.#program = program;
    this.#calls = calls;
  }

  string(expression: Expression, spot: Spot): void {
    switch (expression.kind) {
      case "text":
      case "number":
        return;
      case "join":
        for (const part of expression.parts) this.string(part, spot);
        return;
      case "call":
        this.#call(expression, spot, "string");
        return;
      case "group":
        this.#complain("wrong-type", expression, spot, "A string is expected", "Strings are not put in parentheses.");
        return;
      default:
        this.#complain(
          "wrong-type",
          expression,
          spot,
          "A string is expected, this is a condition",
          "boolToString(...)",
        );
    }
  }

  list(expression: Expression, spot: Spot): void {
    switch (expression.kind) {
      case "group":
        this.list(expression.inner, spot);
        return;
      case "call":
        this.#call(expression, spot, "list");
        return;
      case "text":
        if (this.#listLiteral(expression.value, expression.span.start, spot)) return;
        this.#complain("wrong-type", expression, spot, "A string list is expected, this is a string", makeList);
        return;
      default:
        this.#complain("wrong-type", expression, spot, "A string list is expected", makeList);
    }
  }

  condition(expression: Expression, spot: Spot): void {
    switch (expression.kind) {
      case "and":
      case "or":
        this.condition(expression.left, spot);
        this.condition(expression.right, spot);
        return;
      case "not":
        this.condition(expression.inner, spot);
        return;
      case "compare":
        this.string(expression.left, spot);
        this.string(expression.right, spot);
        return;
      case "errorsSinceMark":
        return;
      case "call": {
        const builtin = expression.builtin?.boolean;
        if (builtin) this.#arguments(builtin, expression, spot);
        else this.#complain("wrong-type", expression, spot, "A condition is expected", 'Compare it: ... = "true"');
        return;
      }
      default:
        this.#complain("wrong-type", expression, spot, "A condition is expected", 'Compare it: ... = "..."');
    }
  }

  /** For the value of a variable that is not known. */
  any(expression: Expression, spot: Spot): void {
    if (this.isList(expression, spot)) this.list(expression, spot);
    else this.string(expression, spot);
  }

  /** The call of a defined function, whatever it gives. */
  definedCall(info: FunctionInfo, call: CallExpression, spot: Spot): void {
    this.#use(info.symbol.uses, call, spot);
    const given = call.arguments;
    const { parameters } = info.statement;
    if (given === null) {
      this.#complain("wrong-arguments", call, spot, `"(" expected behind ${call.name}`, signature(info));
    } else if (given.length < parameters.length) {
      const text = `${info.symbol.name} needs ${amount(parameters.length)}, not ${given.length}`;
      this.#complain("wrong-arguments", call, spot, text, signature(info));
    }
    for (const [index, argument] of (given ?? []).entries()) {
      const parameter = parameters[index];
      if (parameter) this.#bind(parameter, argument, spot);
      else this.any(argument, spot);
    }
    this.#calls.enterFunction(info, spot);
  }

  #bind(parameter: FunctionParameter, argument: Expression, spot: Spot): void {
    if (!parameter.byReference) {
      if (parameter.type === "string") this.string(argument, spot);
      else this.list(argument, spot);
      return;
    }
    if (argument.kind === "call" && argument.arguments === null) {
      const variable = spot.scope.find(argument.key);
      if (variable?.symbol.kind === parameter.type) {
        this.#use(variable.symbol.uses, argument, spot);
        variable.literal = null;
        return;
      }
      if (!variable && !argument.builtin) {
        this.#unknown(argument, spot);
        return;
      }
    }
    const text = `A variable is expected for the ref parameter ${parameter.name}, of the type ${parameter.type}`;
    this.#complain("wrong-type", argument, spot, text);
  }

  #call(call: CallExpression, spot: Spot, wanted: "string" | "list"): void {
    const info = this.#program.functions.get(call.key);
    if (info) {
      const { returns } = info.statement;
      if ((returns === "string") !== (wanted === "string") || returns === "void") {
        const text = `${info.symbol.name} gives ${kindNames[returns]}, ${kindNames[wanted]} is expected`;
        this.#complain("wrong-type", call, spot, text, signature(info));
      }
      this.definedCall(info, call, spot);
      return;
    }
    const variable = spot.scope.find(call.key)?.symbol;
    if (variable) {
      this.#use(variable.uses, call, spot);
      if (variable.isLoop && spot.loops.includes(variable.name)) {
        const hint = `Write "${call.name}", unless the values are expressions themselves.`;
        const text = `The value of ${call.name} is put here as text`;
        this.#program.report("constant-without-quotes", placeAt(spot, call.span), text, hint, "warning");
        return;
      }
      if ((variable.kind === "string") === (wanted === "string")) return;
      const isList = variable.kind === "stringlist";
      const text = `${variable.name} is ${isList ? kindNames.list : kindNames.string}, ${kindNames[wanted]} is expected`;
      this.#complain("wrong-type", call, spot, text, isList ? 'composeString(list, ", ")' : makeList);
      return;
    }
    const builtin = wanted === "string" ? call.builtin?.string : call.builtin?.list;
    if (builtin) {
      this.#arguments(builtin, call, spot);
      return;
    }
    const other = call.builtin?.string ?? call.builtin?.list ?? call.builtin?.boolean;
    if (!other) {
      this.#unknown(call, spot);
      return;
    }
    const gives = other.returns === "boolean" ? "a condition" : kindNames[other.returns];
    const hint = other.returns === "boolean" ? `boolToString(${other.name}(...))` : null;
    this.#complain("wrong-type", call, spot, `${other.name} gives ${gives}, ${kindNames[wanted]} is expected`, hint);
    for (const argument of call.arguments ?? []) this.any(argument, spot);
  }

  #unknown(call: CallExpression, spot: Spot): void {
    for (const argument of call.arguments ?? []) if (!isNumber(argument)) this.any(argument, spot);
    if (isDynamic(call.name, spot)) return;
    const at = { start: call.span.start, end: call.span.start + call.name.length };
    const constant = constantOf(call.name);
    if (constant !== undefined) {
      const hint = `Write "%${constant}%": the text between the quotes is replaced.`;
      this.#program.report(
        "constant-without-quotes",
        placeAt(spot, at),
        `%${constant}% stands outside of quotes`,
        hint,
      );
      return;
    }
    const kind = call.arguments === null ? "variable" : "function";
    this.#program.unknown(kind, call.key, call.name, placeAt(spot, at), spot.scope);
  }

  #arguments(builtin: AnyBuiltin, call: CallExpression, spot: Spot): void {
    const { parameters } = builtin;
    const given = call.arguments ?? [];
    const wrong = (text: string) => this.#complain("wrong-arguments", call, spot, text, builtinSignature(builtin));
    if (parameters.length === 0) {
      if (call.arguments !== null && !builtin.parentheses) wrong(`${builtin.name} is written without parentheses`);
      return;
    }
    const firstOptional = parameters.findIndex(({ optional, repeated }) => optional ?? repeated);
    const least = firstOptional < 0 ? parameters.length : firstOptional;
    const most = parameters.at(-1)?.repeated ? Number.POSITIVE_INFINITY : parameters.length;
    if (call.arguments === null) wrong(`${builtin.name} needs its arguments in parentheses`);
    else if (given.length < least) wrong(`${builtin.name} needs ${amount(least)}, not ${given.length}`);
    else if (given.length > most) wrong(`${builtin.name} takes ${amount(most)}, not ${given.length}`);
    for (const [index, argument] of given.entries()) {
      const { type } = parameters[index] ?? parameters.at(-1) ?? { type: "string" };
      this.#argument(argument, type, spot);
    }
    if (sectionCallers.has(call.key)) this.sectionCall(given[0], spot);
    if (call.key === "retrievesection") this.#readSection(given[0], spot);
  }

  /** `"ShellScript_x parameters"`: the section must be there. */
  sectionCall(argument: Expression | undefined, spot: Spot): void {
    if (argument?.kind !== "text") {
      this.#program.callsAnySection = true;
      return;
    }
    const name = new Cursor(argument.value).word(stops.plain);
    const start = argument.span.start + 1 + argument.value.indexOf(name);
    this.#calls.useSection(name, { start, end: start + name.length }, spot);
  }

  /** The text of a section may be read, too: it need not be there. */
  #readSection(argument: Expression | undefined, spot: Spot): void {
    if (argument?.kind !== "text") {
      this.#program.callsAnySection = true;
      return;
    }
    const symbol = this.#program.sections.get(lowerAscii(trim(argument.value)));
    symbol?.uses.push(placeAt(spot, { start: argument.span.start + 1, end: argument.span.end - 1 }));
  }

  #argument(argument: Expression, type: Parameter["type"], spot: Spot): void {
    switch (type) {
      case "list":
        this.list(argument, spot);
        return;
      case "boolean":
        this.condition(argument, spot);
        return;
      case "stringOrList":
        if (argument.kind !== "text") this.any(argument, spot); // "[0-9]" is a text, ["a"] may be one
        return;
      case "stringOrBoolean":
        if (this.#isCondition(argument)) this.condition(argument, spot);
        else this.string(argument, spot);
        return;
      case "range":
        if (argument.kind !== "range") {
          this.#complain("wrong-type", argument, spot, "start:end is expected");
          return;
        }
        for (const bound of [argument.from, argument.to]) if (bound) this.string(bound, spot);
        return;
      default:
        this.string(argument, spot);
    }
  }

  #isCondition(expression: Expression): boolean {
    if (expression.kind !== "call") return !["text", "number", "join", "group"].includes(expression.kind);
    return expression.builtin?.boolean !== undefined && !this.#program.functions.has(expression.key);
  }

  /** Whether an expression that may be a string or a list is a list. */
  isList(expression: Expression, spot: Spot): boolean {
    if (expression.kind === "group") return true;
    if (expression.kind !== "call") return false;
    const info = this.#program.functions.get(expression.key);
    if (info) return info.statement.returns === "stringlist";
    const variable = spot.scope.find(expression.key);
    if (variable) return variable.symbol.kind === "stringlist";
    return expression.builtin?.string === undefined && expression.builtin?.list !== undefined;
  }

  /** Elements of a literal such as `["a", $b$]`; false when the text is none. */
  #listLiteral(text: string, start: number, spot: Spot): boolean {
    if (!text.trimStart().startsWith("[")) return false;
    try {
      const elements = parseListLiteral(text);
      const inside = { ...spot, offset: spot.offset + start + 1 };
      for (const element of elements) this.string(element, inside);
      return true;
    } catch (problem) {
      if (problem instanceof SyntaxProblem) return false;
      throw problem;
    }
  }

  #use(uses: { push(place: ReturnType<typeof placeAt>): void }, call: CallExpression, spot: Spot): void {
    uses.push(placeAt(spot, { start: call.span.start, end: call.span.start + call.name.length }));
  }

  #complain(code: ProblemCode, expression: Expression, spot: Spot, text: string, hint: string | null = null): void {
    this.#program.report(code, placeAt(spot, expression.span), text, hint);
  }
}

/** Some functions take bare numbers: those of an unknown one are no further mistake. */
const isNumber = (argument: Expression) => argument.kind === "call" && /^[+-]?\d+$/.test(argument.name);

const amount = (count: number) => `${count} argument${count === 1 ? "" : "s"}`;

const makeList = "createStringList(...) makes a list of strings.";

/** The value of a loop would be part of the name. */
export const isDynamic = (name: string, { loops }: Spot): boolean =>
  loops.some((loop) => name.toLowerCase().includes(loop.toLowerCase()));

export const signature = ({ statement: { name, parameters, returns } }: Pick<FunctionInfo, "statement">): string => {
  const list = parameters.map(({ name, type, byReference }) => `${byReference ? "ref " : ""}${name} : ${type}`);
  return `DefFunc ${name}(${list.join(", ")}) : ${returns}`;
};

/** How a function is written: `strPart(text, from, count)`. */
export function builtinSignature({ name, parameters }: Pick<AnyBuiltin, "name" | "parameters">): string {
  if (parameters.length === 0) return name;
  const list = parameters.map(({ name, optional, repeated }) =>
    repeated ? `${name} ...` : optional ? `[${name}]` : name,
  );
  return `${name}(${list.join(", ")})`;
}
