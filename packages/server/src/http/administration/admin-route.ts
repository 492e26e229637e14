import type { Exchange } from "../exchange.ts";
import { restErrors } from "../rest-error.ts";
import type { Parameters, Route } from "../router.ts";

/** A REST endpoint of administrators: what `handle` returns is the JSON answer. (service 1.6) */
export function adminRoute(
  method: "GET" | "POST",
  path: string,
  handle: (exchange: Exchange, parameters: Parameters) => unknown,
): Route {
  return {
    methods: [method],
    path: `/admin/${path}`,
    role: "admin",
    handle: restErrors(500, async (exchange, parameters) => {
      const result = await handle(exchange, parameters);
      exchange.sendJson(200, result ?? null);
    }),
  };
}
