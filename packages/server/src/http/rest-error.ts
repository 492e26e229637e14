import { isOpsiError } from "@opsi-ts/model";
import { Refusal } from "../auth/refusal.ts";
import type { Exchange } from "./exchange.ts";
import type { Parameters } from "./router.ts";

/**
 * REST endpoints answer their own failures as JSON, all with the endpoint's status. Only administrators get details.
 * (service 1.6)
 */
export function sendRestError(exchange: Exchange, error: unknown, status: number): void {
  const isValidation = isOpsiError(error, "ValidationError");
  const known = isOpsiError(error) || error instanceof Refusal;
  const body = {
    class: isValidation ? "RequestValidationError" : known ? error.class : "RuntimeError",
    code: null,
    status: isValidation ? 422 : error instanceof Refusal && error.status === 413 ? 413 : status,
    message: isValidation
      ? `Validation error: ${plainMessage(error)}`
      : known
        ? error.message
        : "Internal server error",
    ...(exchange.session?.isAdmin === true ? { details: error instanceof Error ? (error.stack ?? null) : null } : {}),
  };
  exchange.sendJson(body.status, body);
}

const plainMessage = (error: Error) => error.message.replace(/^Validation error: /, "");

/** Wraps the handler of an endpoint so that its failures are answered in this form. */
export function restErrors(
  status: number,
  handle: (exchange: Exchange, parameters: Parameters) => void | Promise<void>,
): (exchange: Exchange, parameters: Parameters) => Promise<void> {
  return async (exchange, parameters) => {
    try {
      await handle(exchange, parameters);
    } catch (error) {
      const { headersSent, destroyed } = exchange.response;
      if (headersSent || destroyed) throw error;
      if (!isOpsiError(error) && !(error instanceof Refusal)) exchange.report(error);
      sendRestError(exchange, error, status);
    }
  };
}
