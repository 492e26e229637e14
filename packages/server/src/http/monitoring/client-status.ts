import { OpsiError, pythonString } from "@opsi-ts/model";
import { hosts, productsOnClients } from "../../methods/families.ts";
import { type Check, literally, names, result, type StateName, worse } from "./check.ts";

/** After so many days without contact somebody should look. */
const longAbsence = 30;
const reportedActions = new Set<unknown>(["setup", "update", "uninstall"]);

/** When a client was seen, which products failed on it and what is to be done. (monitoring 6.3) */
export const checkClientStatus: Check = async ({ storage }, parameters) => {
  const id = literally(names(parameters, "clientId"));
  const shown = pythonString(parameters["clientId"]);
  if (names(parameters, "clientId").length === 0) {
    throw new OpsiError("ValueError", "Failed to check: ClientId is needed for checkClientStatus");
  }
  const filter = { id: id.map((name) => name.toLowerCase()), type: "OpsiClient" };
  const [client] = id.length === 0 ? [] : await storage.read(hosts, { attributes: ["lastSeen"], filter });
  if (client === undefined) return result("UNKNOWN", `opsi-client: '${shown}' not found`);

  const presence = presenceOf(shown, client["lastSeen"]);
  let { state } = presence;
  const parts = [presence.text];
  const excluded = new Set(names(parameters, "exclude"));
  const found = await storage.read(productsOnClients, { filter: { clientId: client["id"] } });
  const products = found.filter(({ productId }) => !excluded.has(String(productId)));
  const failed = products.filter(({ actionResult }) => actionResult === "failed").map(({ productId }) => productId);
  if (failed.length > 0) {
    state = worse(state, "CRITICAL");
    parts.push(`Products: '${failed.join(", ")}' are in failed state. `);
  }
  const actions = products.filter(({ actionRequest }) => reportedActions.has(actionRequest));
  if (actions.length > 0) {
    state = worse(state, "WARNING");
    const list = actions.map(({ productId, actionRequest }) => `${productId} (${actionRequest})`);
    parts.push(`Actions set for products: '${list.join(", ")}'.`);
  }
  if (state === "OK") parts.push("No failed products and no actions set for client");
  return result(state, parts.join(""));
};

function presenceOf(id: string, lastSeen: unknown): { state: StateName; text: string } {
  const advice = "Please check the agent's installation on the client. ";
  if (typeof lastSeen !== "string" || lastSeen === "") {
    return { state: "WARNING", text: `opsi-client ${id} has never been seen. ${advice}` };
  }
  const days = calendarDays(new Date(lastSeen.replace(" ", "T")), new Date());
  if (days >= longAbsence) {
    return { state: "WARNING", text: `opsi-client ${id} has not been seen, since ${days} days. ${advice}` };
  }
  const when = days === 0 ? "today" : `${days} days before`;
  return { state: "OK", text: `opsi-client ${id} has been seen ${when}. ` };
}

/** Days between two local dates, whatever their time. */
function calendarDays(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
  return day(to) - day(from);
}
