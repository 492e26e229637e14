import { type ErrorClass, OpsiError } from "@opsi-ts/model";

/** What may be done about a failure: the transaction again on the same connection, or on a new one, or nothing. */
export type Remedy = "repeat" | "reconnect" | null;

/** What a failure of a database means. */
export interface FailureMeaning {
  /** What a caller is told where there is no remedy. */
  readonly class: ErrorClass;
  readonly remedy: Remedy;
  /** After that the connection is closed. */
  readonly isFatal: boolean;
}

/** A failure of the database in words that callers know. */
export class DatabaseError extends OpsiError {
  readonly remedy: Remedy;
  readonly isFatal: boolean;

  constructor(cause: Error, meaning: FailureMeaning) {
    super(meaning.remedy === null ? meaning.class : "BackendTemporaryError", cause.message, { cause });
    this.remedy = meaning.remedy;
    this.isFatal = meaning.isFatal;
  }
}

/** Nobody knows whether the transaction counts. */
export class UnknownOutcome extends OpsiError {
  constructor(cause: unknown) {
    super("BackendTemporaryError", "The database was lost while it stored a change, which may be stored or not", {
      cause,
    });
  }
}
