import { type ErrorClass, OpsiError } from "@opsi-ts/model";
import { DatabaseError, type Remedy } from "../remote/database-error.ts";

/** Numbers of https://mariadb.com/kb/en/mariadb-error-codes/ with what a caller is told. */
const classes: Readonly<Record<number, ErrorClass>> = {
  1021: "BackendIOError", // disk full
  1030: "BackendIOError", // storage engine
  1114: "BackendIOError", // table full
  1290: "BackendIOError", // read only
  1836: "BackendIOError", // read only
  1044: "BackendUnableToConnectError", // database forbidden
  1045: "BackendUnableToConnectError", // password
  1049: "BackendUnableToConnectError", // unknown database
  1698: "BackendUnableToConnectError", // authentication
  1048: "BackendReferentialIntegrityError", // null
  1062: "BackendReferentialIntegrityError", // duplicate key
  1216: "BackendReferentialIntegrityError", // foreign key
  1217: "BackendReferentialIntegrityError",
  1364: "BackendReferentialIntegrityError", // no default
  1451: "BackendReferentialIntegrityError",
  1452: "BackendReferentialIntegrityError",
  1264: "BackendBadValueError", // number out of range
  1265: "BackendBadValueError",
  1292: "BackendBadValueError", // time
  1366: "BackendBadValueError", // wrong kind
  1406: "BackendBadValueError", // text too long
};

/** The server rolled the transaction back because of another one. */
const conflicts = new Set([1205, 1213, 1020]);
/** The server ends, starts or has too many connections. */
const unavailable = new Set([1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1927, 2006, 2013]);

const numberOf = (error: object) => ("errno" in error && typeof error.errno === "number" ? error.errno : 0);

const isFatal = (error: unknown): boolean => error instanceof Error && "fatal" in error && error.fatal === true;

/** Failures of the operating system and of the driver have no state of SQL, which comes from the server. */
const isConnectionFailure = (error: Error) =>
  !("sqlState" in error && error.sqlState) && (isFatal(error) || ("code" in error && typeof error.code === "string"));

function remedyOf(error: Error): Remedy {
  const number = numberOf(error);
  if (conflicts.has(number)) return "repeat";
  return unavailable.has(number) || isConnectionFailure(error) ? "reconnect" : null;
}

/** @param error whatever the driver threw */
export function databaseError(error: unknown): unknown {
  const isKnown = error instanceof Error && !(error instanceof OpsiError);
  if (!isKnown || !(isFatal(error) || "errno" in error || "code" in error)) return error;
  return new DatabaseError(error, {
    class: classes[numberOf(error)] ?? "BackendError",
    remedy: remedyOf(error),
    isFatal: isFatal(error),
  });
}

export const isUnknownDatabase = (error: unknown) =>
  error instanceof DatabaseError && error.cause instanceof Error && numberOf(error.cause) === 1049;
