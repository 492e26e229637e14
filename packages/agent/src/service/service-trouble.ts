import { OpsiError } from "@opsi-ts/model";
import { HttpError, RemoteError } from "@opsi-ts/protocol";

const away: ReadonlySet<string> = new Set([
  "OpsiServiceConnectionError",
  "OpsiServiceTimeoutError",
  "OpsiServiceUnavailableError",
]);

/** True if the service is not there at the moment, so that the same call may succeed later. */
export function isAway(error: unknown): boolean {
  if (error instanceof RemoteError) return error.class === "BackendTemporaryError";
  if (!(error instanceof OpsiError)) return false;
  return away.has(error.class) || (error instanceof HttpError && error.status >= 500);
}
