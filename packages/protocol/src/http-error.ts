import { type ErrorClass, OpsiError } from "@opsi-ts/model";

/** The service answered with a status of 400 or more. */
export class HttpError extends OpsiError {
  readonly status: number;
  /** For status 503: how long the service wants to be left alone (1…7200, default 60). */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, text: string, retryAfter?: string | undefined) {
    super(statusClasses[status] ?? "OpsiServiceError", text === "" ? `HTTP status ${status}` : text);
    this.status = status;
    this.retryAfterSeconds = status === 503 ? readRetryAfter(retryAfter) : undefined;
  }
}

/** 401 also stands for "you may not". (service §1.6, §6.5) */
const statusClasses: Readonly<Record<number, ErrorClass>> = {
  401: "OpsiServiceAuthenticationError",
  403: "OpsiServicePermissionError",
  503: "OpsiServiceUnavailableError",
};

function readRetryAfter(header: string | undefined): number {
  const seconds = /^\d+$/.test(header ?? "") ? Number(header) : 60;
  return Math.min(7200, Math.max(1, seconds));
}

/** What went wrong below HTTP, as one of our classes. Errors that are ours already stay as they are. */
export function connectionError(error: unknown, origin: string): Error {
  if (error instanceof OpsiError) return error;
  const { code, message, name } = describe(error);
  return new OpsiError(classOf(code, name), `${origin}: ${message}`, { cause: error });
}

/** True if the request certainly did not reach the service, so that any call may be sent again. */
export function neverArrived(error: unknown): boolean {
  const code = error instanceof OpsiError ? describe(error.cause).code : "";
  return notConnected.has(code);
}

const notConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const verificationCodes =
  /^(CERT_|CRL_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|PERMITTED_|EXCLUDED_|EE_KEY_|CA_)/;
const clientCertificateCodes = /ALERT_(UNKNOWN_CA|CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)/;
const timeoutCodes: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

function classOf(code: string, name: string): ErrorClass {
  if (clientCertificateCodes.test(code)) return "OpsiServiceClientCertificateError";
  if (verificationCodes.test(code)) return "OpsiServiceVerificationError";
  if (timeoutCodes.has(code) || name === "TimeoutError") return "OpsiServiceTimeoutError";
  return "OpsiServiceConnectionError";
}

/** Attempts over several addresses arrive as one AggregateError; its first member tells the story. */
function describe(error: unknown): { code: string; message: string; name: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return { code: "", message: String(error), name: "" };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, message: error.message === "" ? code || error.name : error.message, name: error.name };
}
