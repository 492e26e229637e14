import { OpsiError } from "@opsi-ts/model";
import { dropRest } from "../body.ts";
import { readJsonObject } from "../json-body.ts";
import { restErrors } from "../rest-error.ts";
import type { Route } from "../router.ts";
import { adminRoute } from "./admin-route.ts";

/** Answers about what this server does not have: message bus, add-ons in Python, Redis, logins through SAML. (service 1.7, 8.8) */
export function absentRoutes(): Route[] {
  return [
    adminRoute("GET", "addons", () => []),
    adminRoute("GET", "addons/failed", () => []),
    adminRoute("POST", "addons/install", (exchange) => {
      dropRest(exchange.request);
      throw new OpsiError("NotImplementedError", "Add-ons are programs for the original, this server cannot run them");
    }),
    adminRoute("POST", "messagebus-channel-info", async (exchange) => {
      const { filter = {} } = await readJsonObject(exchange);
      return { filter, number_of_channels: {}, channels: {} };
    }),
    {
      methods: ["POST"],
      path: "/redis-interface/",
      role: "admin",
      handle: restErrors(422, (exchange) => {
        dropRest(exchange.request);
        throw new OpsiError("NotImplementedError", "This server keeps its data without Redis");
      }),
    },
    {
      methods: ["POST"],
      path: "/redis-interface/clear-rpc-cache",
      role: "admin",
      handle(exchange) {
        dropRest(exchange.request);
        exchange.sendJson(200, { result: "OK" }); // nothing is cached
      },
    },
    {
      methods: ["POST"],
      path: "/auth/saml/callback/login",
      role: "public",
      handle(exchange) {
        dropRest(exchange.request);
        exchange.sendText(401, "Authentication failure");
      },
    },
    {
      methods: ["GET"],
      path: "/admin/grafana",
      role: "admin",
      handle: restErrors(500, () => {
        throw new OpsiError("NotImplementedError", "No Grafana is set up with this server");
      }),
    },
  ];
}
