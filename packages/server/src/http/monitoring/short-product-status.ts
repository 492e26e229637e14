import { OpsiError, pythonTypeName } from "@opsi-ts/model";
import { productsOnClients, productsOnDepots } from "../../methods/families.ts";
import { type Check, type CheckParameters, isProblem, literally, names, result, versionOf, worse } from "./check.ts";

/** On how many clients a product is as it should be, by thresholds. (monitoring 6.4) */
export const checkShortProductStatus: Check = async ({ storage, site }, parameters) => {
  const [productId] = [...names(parameters, "productId"), ...names(parameters, "productIds")];
  if (productId === undefined) return result("UNKNOWN", "No ProductId given.");
  const filter = { productId: literally([productId]) };
  const known = filter.productId.length > 0;
  const onClients = known ? await storage.read(productsOnClients, { filter }) : [];
  if (onClients.length === 0) return result("UNKNOWN", `No ProductStates found for product '${productId}'`);
  const [target] = await storage.read(productsOnDepots, { filter: { ...filter, depotId: site.hostId } });
  if (target === undefined) {
    throw new OpsiError("BackendMissingDataError", `Product '${productId}' is not on depot '${site.hostId}'`);
  }

  const count = { problem: 0, action: 0, version: 0, upToDate: 0 };
  for (const onClient of onClients) {
    if (isProblem(onClient)) count.problem++;
    else if (onClient["actionRequest"] !== "none") count.action++;
    else if (!onClient["productVersion"] || !onClient["packageVersion"]) continue;
    else if (versionOf(onClient) !== versionOf(target)) count.version++;
    else if (onClient["actionResult"] === "successful") count.upToDate++;
  }

  const percent = (number: number) => (number * 100) / onClients.length;
  const manyActions = percent(count.action) > threshold(parameters, "warning");
  const manyProblems = percent(count.problem + count.version) > threshold(parameters, "critical");
  const parts = [
    `${onClients.length} ProductStates for product: '${productId}' found; ` +
      `checking for Version: '${target["productVersion"]}' and Package: '${target["packageVersion"]}'`,
    ...(count.upToDate > 0 ? [`${count.upToDate} Clients are up to date`] : []),
    ...(manyActions ? [`ActionRequest set on ${count.action} clients`] : []),
    ...(count.problem > 0 ? [`Problems found on ${count.problem} clients`] : []),
    ...(count.version > 0 ? [`Version difference found on ${count.version} clients`] : []),
  ];
  return result(worse(manyActions ? "WARNING" : "OK", manyProblems ? "CRITICAL" : "OK"), parts.join("; "));
};

/** Per cent, as text with or without the sign. */
function threshold({ thresholds }: CheckParameters, name: "warning" | "critical"): number {
  const given = typeof thresholds === "object" && thresholds !== null ? Reflect.get(thresholds, name) : undefined;
  const text = given ?? "20";
  if (typeof text !== "string") {
    throw new OpsiError("TypeError", `The threshold ${name} must be a text, not ${pythonTypeName(text)}`);
  }
  if (!/^\s*\d+(\.\d+)?\s*%?\s*$/.test(text)) throw new OpsiError("ValueError", `Bad threshold ${name}: '${text}'`);
  return Number.parseFloat(text);
}
