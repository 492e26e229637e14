import { isHash, isOpsiError, OpsiError } from "@opsi-ts/model";
import type { Call } from "../../methods/declare.ts";
import type { Exchange } from "../exchange.ts";
import { readJsonObject } from "../json-body.ts";
import type { Route } from "../router.ts";
import { type Check, type CheckResult, states } from "./check.ts";
import { checkClientStatus } from "./client-status.ts";
import { checkDepotSyncStatus, checkOpsiDiskUsage, checkProductLocks } from "./depot-checks.ts";
import { checkPluginOnClient } from "./plugin-on-client.ts";
import { checkProductStatus } from "./product-status.ts";
import { checkShortProductStatus } from "./short-product-status.ts";
import { checkOpsiWebservice, type ServiceFigures } from "./webservice.ts";

/** What Nagios and its relatives ask, whoever is logged in. (monitoring 6.1, 6.2) */
export function monitoringRoutes(call: Call, figures: ServiceFigures): Route[] {
  const checks = new Map<unknown, Check>(
    Object.entries({
      checkClientStatus,
      checkShortProductStatus,
      checkProductStatus,
      checkDepotSyncStatus,
      checkPluginOnClient,
      checkProductLocks,
      checkOpsiWebservice: checkOpsiWebservice(figures),
      checkOpsiDiskUsage,
    }),
  );

  async function answer(exchange: Exchange): Promise<CheckResult> {
    const { task, param = {} } = await readJsonObject(exchange);
    const { session } = exchange;
    const check = checks.get(task);
    if (check === undefined || session === null) {
      return { state: states.UNKNOWN, message: "No matching task found." };
    }
    try {
      const parameters = param ?? {};
      if (!isHash(parameters)) throw new OpsiError("ValueError", "param must be an object");
      return await check(call, parameters, session);
    } catch (error) {
      if (!isOpsiError(error)) exchange.report(error);
      return { state: states.UNKNOWN, message: isOpsiError(error) ? error.message : "Internal server error" };
    }
  }

  return [
    {
      methods: ["POST"],
      path: "/monitoring*",
      role: "authenticated",
      handle: async (exchange) => exchange.sendJson(200, await answer(exchange)),
    },
  ];
}
