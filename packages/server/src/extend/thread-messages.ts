import { type ErrorClass, isOpsiError, OpsiError } from "@opsi-ts/model/errors";
import type { Caller } from "./extension.ts";

/** What a thread begins with: the text of an extension, and where it lies. */
export interface ThreadSource {
  readonly url: string;
  readonly source: string;
}

/** An error on its way between threads. */
export interface Failure {
  readonly message: string;
  readonly stack: string;
  /** Null for what is no OpsiError. */
  readonly class: ErrorClass | null;
}

export interface RunRequest {
  readonly kind: "run";
  /** Different for each call of a thread. */
  readonly run: number;
  readonly method: string;
  readonly values: readonly unknown[];
  readonly caller: Caller;
}

/** What the thread of an extension is told. Results travel as JSON text. */
export type ToThread =
  | RunRequest
  | { readonly kind: "answer"; readonly id: number; readonly json: string }
  | { readonly kind: "refusal"; readonly id: number; readonly failure: Failure };

export type LogLevel = "error" | "warning" | "notice" | "info";

/** What it says. `method` of a call is null for the method that is replaced. */
export type FromThread =
  | { readonly kind: "loaded"; readonly declarations: readonly unknown[] }
  | { readonly kind: "result"; readonly json: string }
  | { readonly kind: "failed"; readonly failure: Failure }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "call";
      /** In which call of the extension: what one leaves behind must not get the rights of the next. */
      readonly run: number;
      readonly id: number;
      readonly method: string | null;
      readonly params: readonly unknown[];
    };

export function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), stack: String(error), class: null };
  const { message, stack = message } = error;
  return { message, stack, class: isOpsiError(error) ? error.class : null };
}

/** The error again; one that callers may see keeps class and message. */
export function fromFailure(failure: Failure): Error {
  const error = failure.class === null ? new Error(failure.message) : new OpsiError(failure.class, "");
  return Object.assign(error, { message: failure.message, stack: failure.stack });
}
