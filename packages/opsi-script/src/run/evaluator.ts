import type { AnyBuiltin, Parameter, ResultType, ValueTypes } from "../functions/builtin.ts";
import { parseListLiteral } from "../language/parse-expression.ts";
import { AbandonedExpression, SyntaxProblem } from "../language/problems.ts";
import type { CallExpression, Expression, FunctionParameter, Relation, ValueKind } from "../language/syntax.ts";
import { boolText, level } from "../log/log.ts";
import { equalIgnoringCase, upperUnicode } from "../text/bytes.ts";
import { orderOf, relationHolds } from "../text/compare-versions.ts";
import { parseInteger64 } from "../text/numbers.ts";
import type { Context } from "./context.ts";
import type { Variable } from "./variables.ts";

/** A function defined by the script; the runner knows how to execute its body. */
export interface DefinedFunction {
  readonly name: string;
  readonly parameters: readonly FunctionParameter[];
  readonly returns: ValueKind | "void";
}

/** How the evaluator reaches what scripts define. */
export interface Definitions {
  findFunction(key: string): DefinedFunction | undefined;
  /** Executes a body; the variable `$result$` afterwards, `null` for void. */
  callFunction(defined: DefinedFunction, bound: ReadonlyMap<string, Variable>): Variable | null;
}

/** Expressions to values. What kind of value is wanted comes from outside: from the variable, parameter, statement. */
export class Evaluator {
  readonly #context: Context;
  readonly #definitions: Definitions;

  constructor(context: Context, definitions: Definitions) {
    this.#context = context;
    this.#definitions = definitions;
  }

  /**
   * A string expression.
   *
   * @throws SyntaxProblem when the expression is no string
   */
  string(expression: Expression): string {
    if (expression.kind !== "join") {
      try {
        return this.#part(expression);
      } catch (problem) {
        if (problem instanceof AbandonedExpression) return "";
        throw problem;
      }
    }
    let result = "";
    for (const part of expression.parts) {
      try {
        result += this.#part(part);
      } catch (problem) {
        if (problem instanceof AbandonedExpression) return result; // the rest of the expression is given up
        throw problem;
      }
    }
    return result;
  }

  #part(expression: Expression): string {
    switch (expression.kind) {
      case "text":
      case "number":
        return expression.value;
      case "join":
        return this.string(expression);
      case "call":
        return this.#callString(expression);
      default:
        throw new SyntaxProblem("Illegal string expression");
    }
  }

  #callString(expression: CallExpression): string {
    const defined = this.#definitions.findFunction(expression.key);
    if (defined) {
      const result = this.#callDefined(defined, expression, "string");
      if (result?.kind !== "string") throw new SyntaxProblem(`${defined.name} gives no string`);
      return result.value;
    }
    const variable = this.#context.variables.find(expression.key);
    if (variable) {
      if (variable.kind === "string") return variable.value;
      throw new SyntaxProblem(`${expression.name} is a string list, a string is expected`);
    }
    const builtin = expression.builtin?.string;
    if (!builtin) throw unknownName(expression);
    return this.#run(builtin, expression);
  }

  /**
   * A list expression.
   *
   * @throws SyntaxProblem when the expression is no list
   */
  list(expression: Expression): readonly string[] {
    switch (expression.kind) {
      case "group":
        return this.list(expression.inner);
      case "text":
        return parseListLiteral(expression.value).map((element) => this.string(element));
      case "call": {
        const defined = this.#definitions.findFunction(expression.key);
        if (defined) {
          const result = this.#callDefined(defined, expression, "stringlist");
          if (result?.kind !== "list") throw new SyntaxProblem(`${defined.name} gives no string list`);
          return result.value;
        }
        const variable = this.#context.variables.find(expression.key);
        if (variable?.kind === "list") return variable.value;
        const builtin = expression.builtin?.list;
        if (!builtin) throw new SyntaxProblem(`Illegal string list expression: ${expression.name}`);
        return this.#run(builtin, expression);
      }
      default:
        throw new SyntaxProblem("Illegal string list expression");
    }
  }

  /** A boolean expression with its log lines; `text` is the line that the spans refer to. */
  boolean(expression: Expression, text: string): boolean {
    const value = this.#condition(expression, text);
    if (this.#context.log.isOn(level.info)) this.#context.log.write(level.info, `${text} <<< is ${boolText(value)}`);
    return value;
  }

  #condition(expression: Expression, text: string): boolean {
    switch (expression.kind) {
      case "and":
      case "or": {
        const left = this.#condition(expression.left, text);
        const right = this.#condition(expression.right, text); // no short cut: functions have effects
        return expression.kind === "and" ? left && right : left || right;
      }
      case "not":
        return !this.#condition(expression.inner, text);
      case "compare": {
        const left = this.string(expression.left);
        const right = this.string(expression.right);
        return expression.numeric
          ? this.#compareNumbers(left, right, expression.relation)
          : compareTexts(left, right, expression.relation);
      }
      case "errorsSinceMark":
        return relationHolds(
          orderOf(this.#context.log.errors - this.#context.state.mark, expression.number),
          expression.relation,
        );
      case "call": {
        const builtin = expression.builtin?.boolean;
        if (!builtin) throw new SyntaxProblem(`Illegal boolean expression: ${expression.name}`);
        return this.#run(builtin, expression);
      }
      default:
        throw new SyntaxProblem("Illegal boolean expression");
    }
  }

  #compareNumbers(left: string, right: string, relation: Relation): boolean {
    const first = parseInteger64(left);
    const second = parseInteger64(right);
    if (first === null || second === null) {
      this.#context.error(`${first === null ? left : right} is no valid integer`);
      return false;
    }
    return relationHolds(orderOf(first, second), relation);
  }

  #run<R extends ResultType>(builtin: AnyBuiltin<R>, call: CallExpression): ValueTypes[R] {
    return builtin.run(this.#context, ...this.#arguments(builtin, call));
  }

  #arguments(builtin: AnyBuiltin, call: CallExpression): unknown[] {
    const { parameters } = builtin;
    const given = call.arguments ?? [];
    if (parameters.length === 0) {
      if (call.arguments !== null && !builtin.parentheses)
        throw new SyntaxProblem(`${builtin.name} takes no arguments`);
      return call.modifiers === "" ? [] : [call.modifiers];
    }
    const least = parameters.findIndex(({ optional, repeated }) => optional ?? repeated);
    const repeated = parameters.at(-1)?.repeated === true;
    const tooFew = given.length < (least < 0 ? parameters.length : least) || call.arguments === null;
    if (tooFew || (given.length > parameters.length && !repeated)) {
      const { end } = call.span;
      throw new SyntaxProblem(`${builtin.name} takes ${describe(parameters)}`, call.arguments === null ? end : end - 1);
    }
    const values: unknown[] = [];
    for (let index = 0; index < given.length; index++) {
      const argument = given[index];
      const type = (parameters[index] ?? parameters.at(-1))?.type ?? "string";
      if (argument) values.push(type === "string" ? this.string(argument) : this.#argument(argument, type));
    }
    if (call.modifiers !== "") values.push(call.modifiers);
    return values;
  }

  #argument(argument: Expression, type: Parameter["type"]): unknown {
    switch (type) {
      case "list":
        return this.list(argument);
      case "boolean":
        return this.#condition(argument, "");
      case "stringOrList":
        if (argument.kind === "text") return this.#literalList(argument) ?? argument.value;
        return this.#isList(argument) ? this.list(argument) : this.string(argument);
      case "stringOrBoolean":
        return this.#isCondition(argument) ? this.#condition(argument, "") : this.string(argument);
      case "range": {
        if (argument.kind !== "range") throw new SyntaxProblem("start:end expected");
        return [argument.from && this.string(argument.from), argument.to && this.string(argument.to)];
      }
      default:
        return this.string(argument);
    }
  }

  #isCondition(expression: Expression): boolean {
    if (expression.kind !== "call") return !["text", "number", "join", "group"].includes(expression.kind);
    return expression.builtin?.boolean !== undefined && !this.#definitions.findFunction(expression.key);
  }

  #isList(expression: Expression): boolean {
    if (expression.kind === "group") return true;
    if (expression.kind !== "call") return false;
    const defined = this.#definitions.findFunction(expression.key);
    if (defined) return defined.returns === "stringlist";
    const variable = this.#context.variables.find(expression.key);
    if (variable) return variable.kind === "list";
    return expression.builtin?.string === undefined && expression.builtin?.list !== undefined;
  }

  /** A literal such as `["a","b"]`; `[0-9]` is none, because its element is unknown. */
  #literalList(expression: Expression & { kind: "text" }): readonly string[] | null {
    if (!expression.value.trimStart().startsWith("[")) return null;
    try {
      return this.list(expression);
    } catch (problem) {
      if (problem instanceof SyntaxProblem) return null;
      throw problem;
    }
  }

  /** Calls a defined function of any result type; `null` for void. */
  callDefined(defined: DefinedFunction, call: CallExpression): Variable | null {
    return this.#callDefined(defined, call, defined.returns);
  }

  #callDefined(defined: DefinedFunction, call: CallExpression, wanted: ValueKind | "void"): Variable | null {
    if (defined.returns !== wanted)
      throw new SyntaxProblem(`${defined.name} gives ${defined.returns}, expected ${wanted}`);
    const given = call.arguments;
    if (given === null) throw new SyntaxProblem(`"(" expected behind ${defined.name}`);
    const bound = new Map<string, Variable>();
    for (const [index, parameter] of defined.parameters.entries()) {
      const argument = given[index];
      if (!argument) throw new SyntaxProblem(`${defined.name} needs ${defined.parameters.length} arguments`);
      bound.set(parameter.key, this.#bind(parameter, argument));
    }
    return this.#definitions.callFunction(defined, bound);
  }

  #bind(parameter: FunctionParameter, argument: Expression): Variable {
    const { name, type } = parameter;
    if (parameter.byReference) {
      const variable =
        argument.kind === "call" && argument.arguments === null
          ? this.#context.variables.find(argument.key)
          : undefined;
      if (!variable || (variable.kind === "list") !== (type === "stringlist")) {
        throw new SyntaxProblem(`A ${type} variable is expected for the reference parameter ${name}`);
      }
      return variable;
    }
    return type === "string"
      ? { kind: "string", name, value: this.string(argument) }
      : { kind: "list", name, value: this.list(argument) };
  }
}

/** Complains about a name; what the original did not understand begins behind it. */
function unknownName({ name, span, arguments: given }: CallExpression): SyntaxProblem {
  return new SyntaxProblem(
    `Illegal string expression: ${name} unknown`,
    given === null ? span.end : span.start + name.length,
  );
}

const describe = (parameters: readonly Parameter[]) =>
  parameters.map(({ name, optional, repeated }) => (optional || repeated ? `[${name}]` : name)).join(", ");

/** Texts compare in upper case, by code, never as numbers (language §4.3). */
function compareTexts(left: string, right: string, relation: Relation): boolean {
  if (relation === "=") return equalIgnoringCase(left, right);
  return relationHolds(orderOf(upperUnicode(left), upperUnicode(right)), relation);
}
