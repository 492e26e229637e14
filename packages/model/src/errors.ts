/**
 * Every class of failure that a caller can see, with the text that stands before the message on the wire. (service §2.5)
 * The classes without prefix carry the names that Python gives them, because clients compare them.
 */
export const errorTable = {
  OpsiError: "Opsi error",
  OpsiBackupFileError: "Opsi backup file error",
  OpsiBackupFileNotFound: "Opsi backup file not found",
  OpsiBackupBackendNotFound: "Opsi backend not found in backup",
  OpsiServiceError: "Opsi service error",
  OpsiServiceAuthenticationError: "Opsi service authentication error",
  OpsiServiceClientCertificateError: "Opsi service client certificate error",
  OpsiServicePermissionError: "Opsi service permission error",
  OpsiServiceConnectionError: "Opsi service connection error",
  OpsiServiceVerificationError: "Opsi service verification error",
  OpsiServiceTimeoutError: "Opsi service timeout error",
  OpsiServiceUnavailableError: "Opsi service unavailable error",
  OpsiBadRpcError: "Opsi bad rpc error",
  OpsiRpcError: "Opsi rpc error",
  OpsiProductOrderingError: "A condition for ordering cannot be fulfilled",
  BackendError: "Backend error",
  BackendIOError: "Backend I/O error",
  BackendUnableToConnectError: "Backend I/O error",
  BackendConfigurationError: "Backend configuration error",
  BackendReferentialIntegrityError: "Backend referential integrity error",
  BackendBadValueError: "Backend bad value error",
  BackendMissingDataError: "Backend missing data error",
  BackendTemporaryError: "Backend temporary error",
  BackendUnaccomplishableError: "Backend unaccomplishable error",
  BackendModuleDisabledError: "Backend module disabled error",
  LicenseConfigurationError: "License configuration error",
  LicenseMissingError: "License missing error",
  RepositoryError: "Repository error",
  ValueError: "",
  TypeError: "",
  KeyError: "",
  IndexError: "",
  AttributeError: "",
  RuntimeError: "",
  NotImplementedError: "",
  PermissionError: "",
  FileNotFoundError: "",
  FileExistsError: "",
  OSError: "",
  ConnectionError: "",
  TimeoutError: "",
  DecodeError: "",
  ValidationError: "",
  IntegrityError: "",
  OperationalError: "",
} as const satisfies Record<string, string>;

export type ErrorClass = keyof typeof errorTable;

/** Names that older programs use for a class of the table. (service §2.5) */
export const errorAliases = {
  BackendAuthenticationError: "OpsiServiceAuthenticationError",
  BackendPermissionDeniedError: "OpsiServicePermissionError",
} as const satisfies Record<string, ErrorClass>;

/** The class of the table behind a name from the wire, null when nobody knows the name. */
export function errorClass(name: string): ErrorClass | null {
  if (Object.hasOwn(errorTable, name)) return name as ErrorClass;
  return Object.hasOwn(errorAliases, name) ? errorAliases[name as keyof typeof errorAliases] : null;
}

/**
 * A failure that a caller can understand and act on. Anything else that is thrown is a bug of ours.
 * The message is `<description>: <text>`, or the description alone when there is no text. (service §2.5)
 *
 *     throw new OpsiError("BackendMissingDataError", "Host 'pc1.example.org' not found", { field: "id" });
 */
export class OpsiError extends Error {
  readonly class: ErrorClass;
  readonly field: string | undefined;

  constructor(errorClass: ErrorClass, message: string, options: { field?: string; cause?: unknown } = {}) {
    const description = errorTable[errorClass];
    super(
      description === "" || message === "" ? description + message : `${description}: ${message}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = errorClass;
    this.class = errorClass;
    this.field = options.field;
  }
}

/** True for our own errors, of any or of one class. */
export function isOpsiError(error: unknown, errorClass?: ErrorClass): error is OpsiError {
  return error instanceof OpsiError && (errorClass === undefined || error.class === errorClass);
}
