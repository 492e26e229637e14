import type { Answer, OutputFormat } from "./answer/answer.ts";
import type { Context } from "./context.ts";

/**
 * An option or an argument of a command. `flags` is commander's notation: `-f, --force`, `--id <pattern>`, `--no-md5`
 * for options, `<files...>` or `[folder]` for arguments.
 */
export interface Parameter {
  readonly flags: string;
  readonly doc: string;
  /** Value if it is not given. */
  readonly fallback?: unknown;
  readonly choices?: readonly string[];
  /** Text to value; throws OpsiError("ValueError"), which is reported as wrong usage. */
  readonly parse?: (text: string) => unknown;
  /** What the shell completes where there are no choices. */
  readonly complete?: "file" | "folder";
  /** Other spellings, not shown in help: names of the original tools. */
  readonly alias?: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;

type Given<P extends Parameter> = P extends { parse: (text: string) => infer T }
  ? T
  : P extends { choices: readonly (infer C)[] }
    ? C
    : P["flags"] extends `${string}...${string}`
      ? readonly string[]
      : P["flags"] extends `${string}<${string}` | `[${string}`
        ? string
        : boolean;

type AlwaysThere<P extends Parameter> = P extends { fallback: unknown }
  ? true
  : P["flags"] extends `<${string}` | `${string}...${string}`
    ? true
    : P["flags"] extends `${string}<${string}` | `[${string}`
      ? false
      : true;

/** What `run` receives: one value per declared option and argument. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: AlwaysThere<P[K]> extends true ? Given<P[K]> : Given<P[K]> | undefined;
};

export interface Command<O extends Parameters = Parameters, A extends Parameters = Parameters> {
  /** Words as typed: `client list`. The file is named `client-list.ts`. */
  readonly name: string;
  /** One sentence; the first line of the help and of the reference. */
  readonly doc: string;
  /** More paragraphs for help and reference. */
  readonly details?: string;
  readonly examples: readonly string[];
  readonly options?: O;
  readonly arguments?: A;
  /** What `--output auto` means here; default `table`. */
  readonly output?: OutputFormat;
  /** Everything behind the name, options and `--help` included, is the value of the argument `words`. */
  readonly passThrough?: true;
  run(context: Context, values: Values<O> & Values<A>): Promise<Answer | undefined>;
}

/** A command whose kinds of values are not known any more; only what called its parser may call `run`. */
export type AnyCommand = Omit<Command, "run"> & {
  run(context: Context, values: never): Promise<Answer | undefined>;
};

// biome-ignore lint/complexity/noBannedTypes: "no parameters" must not become an index signature
type None = {};

/** Declares a command; infers the types of the values that `run` gets. Costs nothing at run time. */
export const command = <const O extends Parameters = None, const A extends Parameters = None>(
  declaration: Command<O, A>,
): Command<O, A> => declaration;
