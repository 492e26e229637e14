import { isHash, OpsiError } from "@opsi-ts/model";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { restErrors } from "../rest-error.ts";
import type { Route } from "../router.ts";
import type { Metrics } from "./metrics.ts";

const mostTargets = 1000;

/** A data source for Grafana. (service 1.7, 8.9) */
export function metricRoutes(metrics: Metrics): Route[] {
  return [
    {
      methods: ["GET"],
      path: "/metrics/grafana/",
      role: "admin",
      handle: (exchange) => exchange.sendJson(200, null),
    },
    {
      methods: ["GET", "POST"],
      path: "/metrics/grafana/search",
      role: "admin",
      handle(exchange) {
        exchange.request.resume();
        exchange.sendJson(200, metrics.titles);
      },
    },
    {
      methods: ["GET", "POST"],
      path: "/metrics/grafana/query",
      role: "admin",
      handle: restErrors(500, (exchange) => sendPoints(exchange, metrics)),
    },
  ];
}

async function sendPoints(exchange: Exchange, metrics: Metrics): Promise<void> {
  const { range, titles } = await readQuery(exchange);
  const from = time(range["from"]);
  const to = time(range["to"]);
  const found = titles.map((target) => ({ target, datapoints: metrics.find(target, from, to) }));
  exchange.sendJson(
    200,
    found.filter(({ datapoints }) => datapoints !== null),
  );
}

async function readQuery(exchange: Exchange): Promise<{ range: Record<string, unknown>; titles: string[] }> {
  const wrong = (text: string) => new OpsiError("ValidationError", text);
  const body = await readBody(exchange.request, 1024 * 1024);
  let query: unknown;
  try {
    query = JSON.parse(body.toString("utf8"));
  } catch {
    throw wrong("the body is not valid JSON");
  }
  if (!isHash(query)) throw wrong("the body must be an object");
  const { app, intervalMs, range, targets, timezone } = query;
  if (typeof app !== "string") throw wrong("app must be a text");
  if (typeof intervalMs !== "number") throw wrong("intervalMs must be a number");
  if (typeof timezone !== "string") throw wrong("timezone must be a text");
  if (!isHash(range)) throw wrong("range must be an object");
  if (!Array.isArray(targets) || targets.length > mostTargets) throw wrong("targets must be a list");
  const titles = targets.map((target) => (isHash(target) ? target["target"] : undefined));
  const isText = (title: unknown) => typeof title === "string";
  if (!titles.every(isText)) throw wrong("each target must be an object with a text 'target'");
  return { range, titles };
}

/** `2024-01-01T00:00:00.000Z` in milliseconds since the epoch. */
function time(value: unknown): number {
  const found = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(found)) return found;
  throw new OpsiError("ValueError", `Bad time in range: '${String(value).slice(0, 100)}'`);
}
