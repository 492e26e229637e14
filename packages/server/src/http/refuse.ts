import { isOpsiError } from "@opsi-ts/model";
import { Refusal } from "../auth/refusal.ts";
import { dropRest } from "./body.ts";
import type { Exchange } from "./exchange.ts";

/** Status and text of whatever the session layer or a route threw. Wrong credentials are not explained. */
function statusOf(error: unknown): { status: number; text: string; retryAfter?: number | undefined } {
  if (error instanceof Refusal) return { status: error.status, text: error.message, retryAfter: error.retryAfter };
  if (isOpsiError(error, "OpsiServiceAuthenticationError")) return { status: 401, text: "Authentication error" };
  if (isOpsiError(error, "OpsiServicePermissionError")) return { status: 401, text: "Permission denied" };
  if (isOpsiError(error, "ValidationError")) return { status: 422, text: error.message };
  return { status: 500, text: isOpsiError(error) ? error.message : "Internal server error" };
}

/** Answers a request that did not get through, in the form that path and Accept ask for. (service 1.6) */
export function refuse(exchange: Exchange, error: unknown): void {
  const { request, response, path, session } = exchange;
  if (response.headersSent || response.destroyed) {
    if (!response.destroyed) exchange.report(error);
    response.destroy();
    return;
  }
  const { status, text, retryAfter } = statusOf(error);
  if (status === 500 && !isOpsiError(error) && !(error instanceof Refusal)) exchange.report(error);
  const headers = ["x-opsi-error", headerText(text)];
  if (status === 401 && exchange.header("x-requested-with").toLowerCase() !== "xmlhttprequest") {
    headers.push("www-authenticate", 'Basic realm="opsi", charset="UTF-8"');
  }
  if (retryAfter !== undefined) headers.push("retry-after", String(Math.ceil(retryAfter)));
  // the id of a session that nobody keeps is good for nothing
  if (status === 401 && session?.authenticated !== true) exchange.sendCookie = false;
  dropRest(request);

  if (path.startsWith("/rpc")) {
    exchange.sendJson(status, { id: null, result: null, error: text }, headers);
  } else if (exchange.header("accept").includes("application/json")) {
    exchange.sendJson(status, { error: text }, headers);
  } else if (status === 401 && loginPages.has((path.toLowerCase().split("#", 1)[0] ?? "").replace(/\/$/, ""))) {
    exchange.redirect(307, `/login?redirect=${encodeURI(path)}`, headers);
  } else {
    exchange.sendText(status, text, headers);
  }
}

/** Where a browser is sent to the login page instead. */
const loginPages: ReadonlySet<string> = new Set(["/admin", "/admin/grafana"]);

/** First 64 characters, trimmed, and only what a header may contain. */
function headerText(text: string): string {
  return text
    .slice(0, 64)
    .trim()
    .replace(/[^\x20-\x7e\xa0-\xff]/g, "?");
}
