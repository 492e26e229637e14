import { toBytes } from "../text/bytes.ts";

/** What a system error says, as a byte string: the paths in it are Unicode texts, the log is not. */
export const reasonOf = (error: unknown): string => toBytes(error instanceof Error ? error.message : String(error));

/** A line that does not follow the syntax; counted, and fatal unless `FatalOnSyntaxError = false` (language §2.6). */
export class SyntaxProblem extends Error {
  override readonly name = "SyntaxProblem";
  /** Position in the line behind which nothing was understood; `null` where that is not known. */
  readonly position: number | null;

  constructor(message: string, position: number | null = null) {
    super(message);
    this.position = position;
  }
}

/** Ends the script at once: missing files to include, programs that cannot be started (language §2.4, §2.6). */
export class FatalProblem extends Error {
  override readonly name = "FatalProblem";
}

/**
 * Where the original runs into an exception of its own inside an expression, it gives up the rest of that expression
 * and goes on with what it had by then.
 */
export class AbandonedExpression extends Error {
  override readonly name = "AbandonedExpression";
}
