import type { Context } from "../run/context.ts";

/** How a parameter is written and what `run` receives for it. */
export interface ValueTypes {
  string: string;
  list: readonly string[];
  boolean: boolean;
  /** A bare integer or a string expression. */
  index: string;
  /** `from:to`, both optional, bare integers or string expressions. */
  range: readonly [from: string | null, to: string | null];
  /** A string expression or a list expression. */
  stringOrList: string | readonly string[];
  /** A string expression or, where that does not fit, a boolean one. */
  stringOrBoolean: string | boolean;
}
export type ParameterType = keyof ValueTypes;
export type ResultType = "string" | "list" | "boolean";

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** The parameter and all behind it may be left out. */
  readonly optional?: true;
  /** The last parameter may be repeated any number of times, also not at all. */
  readonly repeated?: true;
}

type Value<P extends Parameter> = P extends { readonly optional: true }
  ? ValueTypes[P["type"]] | undefined
  : ValueTypes[P["type"]];
type Arguments<P extends readonly Parameter[]> = P extends readonly [infer Only extends Parameter & { repeated: true }]
  ? ValueTypes[Only["type"]][]
  : { -readonly [I in keyof P]: Value<P[I]> };

export interface Builtin<P extends readonly Parameter[] = readonly Parameter[], R extends ResultType = ResultType> {
  readonly name: string;
  readonly parameters: P;
  readonly returns: R;
  readonly doc: string;
  /** Also with empty parentheses; most functions without parameters are written without any. */
  readonly parentheses?: true;
  /** Script expression and expected value: a test and a line of the manual. */
  readonly examples: readonly (readonly [expression: string, value: ValueTypes[R]])[];
  run(context: Context, ...values: Arguments<P>): ValueTypes[R];
}

/** Infers the types of `run` from the declared parameters; costs nothing at run time. */
export const builtin = <const P extends readonly Parameter[], const R extends ResultType>(
  declaration: Builtin<P, R>,
): Builtin<P, R> => declaration;

/** A declaration as the registry keeps it: the evaluator has checked the arguments against `parameters`. */
export interface AnyBuiltin<R extends ResultType = ResultType> extends Omit<Builtin<readonly Parameter[], R>, "run"> {
  run(context: Context, ...values: unknown[]): ValueTypes[R];
}

/** The functions of one name: some exist as string, as list and as truth value. */
export interface Overloads {
  readonly string?: AnyBuiltin<"string">;
  readonly list?: AnyBuiltin<"list">;
  readonly boolean?: AnyBuiltin<"boolean">;
}
