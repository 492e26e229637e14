import type { Overloads } from "../functions/builtin.ts";

/** Where in its line a node stands. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Relation = ">=" | "<=" | ">" | "<" | "=";

export interface CallExpression {
  readonly kind: "call";
  readonly name: string;
  /** Lower case. */
  readonly key: string;
  readonly builtin: Overloads | undefined;
  /** `null`: written without parentheses. */
  readonly arguments: readonly Expression[] | null;
  /** Text behind the closing parenthesis that belongs to the call (only `processCall`). */
  readonly modifiers: string;
  readonly span: Span;
}

/** Strings, lists and truth values share one tree; what a node must be is known only when it is evaluated. */
export type Expression =
  | { readonly kind: "text"; readonly value: string; readonly span: Span }
  | { readonly kind: "number"; readonly value: string; readonly span: Span }
  | CallExpression
  | { readonly kind: "join"; readonly parts: readonly Expression[]; readonly span: Span }
  | { readonly kind: "group"; readonly inner: Expression; readonly span: Span }
  | { readonly kind: "range"; readonly from: Expression | null; readonly to: Expression | null; readonly span: Span }
  | {
      readonly kind: "compare";
      readonly relation: Relation;
      readonly numeric: boolean;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression; readonly span: Span }
  | { readonly kind: "not"; readonly inner: Expression; readonly span: Span }
  | { readonly kind: "errorsSinceMark"; readonly relation: Relation; readonly number: number; readonly span: Span };

export type ValueKind = "string" | "stringlist";

export interface FunctionParameter {
  readonly name: string;
  readonly key: string;
  /** Where the name stands in the line. */
  readonly at: number;
  readonly type: ValueKind;
  readonly byReference: boolean;
}

/** Statements with a text: an expression, or `=` and the raw rest of the line. */
export type TextStatement =
  | "message"
  | "showmessagefile"
  | "comment"
  | "logerror"
  | "logwarning"
  | "setactionprogress"
  | "changedirectory"
  | "pause"
  | "stop";

/** Why a part of a statement cannot be parsed although the statement has an effect; empty if it can. */
export interface StatementProblem {
  readonly problem: string;
  readonly problemAt: number;
}

/** What one line says. `at` is where its name stands; all positions count from the first character of the line. */
export type Statement =
  | { readonly kind: "nothing" }
  | { readonly kind: "invalid"; readonly message: string; readonly at: number }
  | {
      readonly kind: "set";
      readonly name: string;
      readonly key: string;
      readonly at: number;
      readonly value: Expression;
      readonly rest: string;
    }
  | ({
      readonly kind: "define";
      readonly list: boolean;
      readonly name: string;
      readonly key: string;
      readonly at: number;
      /** `null` also where it cannot be parsed; the variable is defined nevertheless. */
      readonly value: Expression | null;
      readonly rest: string;
    } & StatementProblem)
  | ({
      readonly kind: "if" | "elseif";
      readonly condition: Expression | null;
      readonly text: string;
      /** Length of the whole line, to which positions refer. */
      readonly length: number;
      /** Something is left behind the place where the condition could not be understood. */
      readonly hasRest: boolean;
    } & StatementProblem)
  | { readonly kind: "else" | "endif" | "endswitch" | "endcase" | "defaultcase" | "endfunc" }
  | ({ readonly kind: "switch" | "case"; readonly value: Expression | null } & StatementProblem)
  | {
      readonly kind: "forEach";
      readonly variable: string;
      readonly at: number;
      readonly list: Expression;
      readonly body: string;
    }
  | {
      readonly kind: "forCount";
      readonly variable: string;
      readonly at: number;
      readonly from: Expression;
      readonly to: Expression;
      readonly body: string;
    }
  | {
      readonly kind: "deffunc";
      readonly name: string;
      readonly key: string;
      readonly at: number;
      readonly parameters: readonly FunctionParameter[];
      readonly returns: ValueKind | "void";
    }
  | ({
      readonly kind: "text";
      readonly which: TextStatement;
      readonly raw: string | null;
      /** `null` also where the text of a comment cannot be parsed: that is no reason to stop (language §3.4). */
      readonly value: Expression | null;
    } & StatementProblem)
  | { readonly kind: "flag"; readonly which: string; readonly value: string }
  | { readonly kind: "simple"; readonly which: string }
  | {
      readonly kind: "command";
      readonly which: string;
      readonly arguments: readonly Expression[];
      /** A word that is no expression: the mode of ExitWindows, a bare number, an operator. */
      readonly word: string;
    }
  | {
      readonly kind: "section";
      readonly type: string;
      /** Empty for the external form. */
      readonly name: string;
      readonly parameters: string;
    }
  | { readonly kind: "call"; readonly call: CallExpression | null; readonly word: string };
