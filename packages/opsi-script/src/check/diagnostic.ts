import type { SourceLine } from "../language/source.ts";
import { toText } from "../text/bytes.ts";

/**
 * `error`: the script fails when it gets there. `warning`: it goes on, but something is wrong or never happens.
 * `information`: worth knowing.
 */
export type Severity = "error" | "warning" | "information";

/** What the checker finds: how bad it is where the script gets there, and the sentence of the manual. */
export const problemCodes = {
  syntax: { severity: "error", doc: "The line does not follow the syntax of the language." },
  "undefined-variable": { severity: "error", doc: "A name that no DefVar, DefStringList, parameter or loop defines." },
  "undefined-function": { severity: "error", doc: "A function that is neither built in nor defined with DefFunc." },
  "undefined-statement": {
    severity: "error",
    doc: "A line that begins with none of the statements, section types and functions.",
  },
  "use-before-definition": { severity: "error", doc: "A name is used before the line that defines it is executed." },
  "double-definition": { severity: "error", doc: "A name that already has a meaning is defined again." },
  "reserved-name": {
    severity: "error",
    doc: "The name of a variable or function begins like a statement or a section type.",
  },
  "wrong-type": {
    severity: "error",
    doc: "A string stands where a string list or a condition is expected, or the other way round.",
  },
  "wrong-arguments": {
    severity: "error",
    doc: "A function gets too few or too many arguments, or parentheses that it does not take.",
  },
  "constant-without-quotes": {
    severity: "error",
    doc: "A constant or loop variable is replaced as text: outside of quotes its value would have to be an expression.",
  },
  "open-block": { severity: "error", doc: "A block is not closed, or closed in the wrong place." },
  "missing-section": {
    severity: "warning",
    doc: "A section that is called does not exist, or is empty: the call does nothing.",
  },
  "missing-file": { severity: "error", doc: "A file to include cannot be found." },
  "missing-import": { severity: "warning", doc: "A library has no function of the name that is imported." },
  "circular-include": { severity: "error", doc: "A file includes itself." },
  "unknown-command": { severity: "error", doc: "A line of a secondary section begins with none of its commands." },
  unreachable: { severity: "warning", doc: "Lines that are never executed." },
  "unused-section": { severity: "information", doc: "A section that no line of the script calls." },
  encoding: {
    severity: "warning",
    doc: "The encoding of the file is not given, unknown, or differs from its byte order mark.",
  },
  deprecated: { severity: "warning", doc: "Something that works, but has been replaced." },
  "unknown-at-check": {
    severity: "information",
    doc: "Something that is known only when the script runs, so that not all could be checked.",
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly doc: string }>;
export type ProblemCode = keyof typeof problemCodes;

/** A part of a line; positions count bytes of UTF-8. */
export interface Place {
  readonly line: SourceLine;
  readonly start: number;
  readonly end: number;
}

/** A part of a line as editors count: lines from 1, columns from 1 in UTF-16 units, whatever the file's encoding. */
export interface Range {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

export interface Diagnostic extends Range {
  readonly severity: Severity;
  readonly code: ProblemCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
  /** What was probably meant instead of the text at this place. */
  readonly instead: string | null;
  /** The line itself. */
  readonly text: string;
}

export function rangeOf({ line, start, end }: Place): Range {
  const column = toText(line.text.slice(0, start)).length + 1;
  return {
    file: toText(line.file),
    line: line.line,
    column,
    endColumn: column + Math.max(1, toText(line.text.slice(start, end)).length),
  };
}
