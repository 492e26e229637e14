import { errorClass, errorTable, isOpsiError, OpsiError } from "@opsi-ts/model";

/** An error as it stands in an answer. `message` includes the description of the class. (service §2.2, §2.5) */
export interface WireError {
  readonly message: string;
  readonly class: string;
  /** Traceback, only for administrators. */
  readonly details: string | null;
}

/** An error that came from a service. A class that we do not know becomes OpsiRpcError; its name is kept. */
export class RemoteError extends OpsiError {
  /** Class name as the service sent it. */
  readonly remoteClass: string;
  /** Message as the service sent it. */
  readonly remoteMessage: string;
  readonly details: string | null;

  constructor(wire: WireError) {
    const known = errorClass(wire.class) ?? "OpsiRpcError";
    super(known, withoutDescription(wire.message, errorTable[known]));
    this.remoteClass = wire.class;
    this.remoteMessage = wire.message;
    this.details = wire.details;
  }
}

/**
 * An error for the wire. What is not an OpsiError is a bug of ours or the system's trouble: the caller learns no more
 * than that, unless he is an administrator.
 *
 * @param options.details true for administrators (service §2.2)
 */
export function toWireError(error: unknown, options: { details: boolean }): WireError {
  const details = options.details && error instanceof Error ? (error.stack ?? error.message) : null;
  if (error instanceof RemoteError) {
    return {
      message: error.remoteMessage,
      class: error.remoteClass,
      details: options.details ? (error.details ?? details) : null,
    };
  }
  if (isOpsiError(error)) return { message: error.message, class: error.class, details };
  return { message: "Internal server error", class: "RuntimeError", details };
}

/**
 * The member `error` of an answer as an error to throw. It may be a map of the 1.0 form, of the 2.0 form (class below
 * `data`), or a mere text from the session layer. (service §1.6, §2.2)
 */
export function fromWireError(error: unknown): RemoteError {
  if (typeof error !== "object" || error === null) {
    return new RemoteError({ message: String(error), class: "OpsiRpcError", details: null });
  }
  const map = error as Record<string, unknown>;
  const data = typeof map["data"] === "object" && map["data"] !== null ? (map["data"] as Record<string, unknown>) : map;
  return new RemoteError({
    message: typeof map["message"] === "string" ? map["message"] : JSON.stringify(error),
    class: typeof data["class"] === "string" ? data["class"] : "OpsiRpcError",
    details: typeof data["details"] === "string" ? data["details"] : null,
  });
}

function withoutDescription(message: string, description: string): string {
  if (description === "" || !message.startsWith(description)) return message;
  if (message.length === description.length) return "";
  return message.startsWith(": ", description.length) ? message.slice(description.length + 2) : message;
}
