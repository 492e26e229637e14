import { type ErrorClass, OpsiError } from "@opsi-ts/model";
import { DatabaseError as ServerError } from "pg";
import { DatabaseError, type FailureMeaning, type Remedy } from "../remote/database-error.ts";

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html with what a caller is told. */
const classes: Readonly<Record<string, ErrorClass>> = {
  "22": "BackendBadValueError", // data
  "23": "BackendReferentialIntegrityError", // constraints
  "25006": "BackendIOError", // read only
  "28": "BackendUnableToConnectError", // password
  "3D": "BackendUnableToConnectError", // unknown database
  "42501": "BackendUnableToConnectError", // forbidden
  "53": "BackendIOError", // disk or memory full
  "58": "BackendIOError", // operating system
  XX: "BackendIOError", // damaged
};

const remedies: Readonly<Record<string, Remedy>> = {
  "40": "repeat", // another transaction was in the way
  "55P03": "repeat", // waited too long for it
  "08": "reconnect", // connection
  "53300": "reconnect", // too many connections
  "57P": "reconnect", // the server ends or starts
};

const unknownDatabase = new Set(["3D000"]);
/** Or that which somebody is just creating. */
const existingDatabase = new Set(["42P04", "23505"]);

/** What stands in a table for the code, or for the longest beginning of it. */
function lookUp<T>(table: Readonly<Record<string, T>>, code: string): T | undefined {
  return [5, 3, 2].map((length) => table[code.slice(0, length)]).find((found) => found !== undefined);
}

function meaning(error: Error): FailureMeaning {
  if (!(error instanceof ServerError)) return { class: "BackendError", remedy: "reconnect", isFatal: true };
  const code = error.code ?? "";
  return {
    class: lookUp(classes, code) ?? "BackendError",
    remedy: lookUp(remedies, code) ?? null,
    isFatal: error.severity === "FATAL" || error.severity === "PANIC",
  };
}

/** What the library says itself is a plain error, or has a code where it comes from the operating system. */
const isOfLibrary = (error: Error) => error.constructor === Error || "code" in error;

/** @param error whatever the driver threw: what does not come from the server is a connection that is gone */
export function databaseError(error: unknown): unknown {
  const isKnown = error instanceof Error && !(error instanceof OpsiError) && isOfLibrary(error);
  return isKnown ? new DatabaseError(error, meaning(error)) : error;
}

const hasCode = (error: unknown, codes: ReadonlySet<string>) =>
  error instanceof DatabaseError && error.cause instanceof ServerError && codes.has(error.cause.code ?? "");

export const isUnknownDatabase = (error: unknown) => hasCode(error, unknownDatabase);

export const isExistingDatabase = (error: unknown) => hasCode(error, existingDatabase);
