import { isAbsolute, join } from "node:path";
import { propertyText } from "../functions/service.ts";
import type { ProductData } from "../run/context.ts";
import { toBytes } from "../text/bytes.ts";
import type { ActionRequest, ProductOnClient, Versions } from "./product-state.ts";
import type { Service } from "./service.ts";

/** A product of the depot: names of scripts and the version that is installed there. */
export interface Product extends Versions {
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const scriptAttributes: Readonly<Record<ActionRequest, string>> = {
  setup: "setupScript",
  uninstall: "uninstallScript",
  once: "onceScript",
  always: "alwaysScript",
  custom: "customScript",
  update: "updateScript",
  login: "userLoginScript",
};

type Hash = Readonly<Record<string, unknown>>;

/** The version of a product on the depot; `null` when the depot does not have it. */
export function readProduct(service: Service, productId: string, depotId: string): Product | null {
  const filter = { productId, depotId, productType: "LocalbootProduct" };
  const [onDepot] = service.call("productOnDepot_getObjects", [[], filter]) as Hash[];
  if (!onDepot) return null;
  const { productVersion, packageVersion } = onDepot;
  const [product] = service.call("product_getObjects", [
    [],
    { id: productId, productVersion, packageVersion },
  ]) as Hash[];
  if (!product) return null;
  return {
    id: productId,
    productVersion: String(productVersion),
    packageVersion: String(packageVersion),
    attributes: product,
  };
}

/** Path of the script for a request; empty when the product has none. */
export function scriptPath(product: Product, request: ActionRequest, depotPath: string): string {
  const script = String(product.attributes[scriptAttributes[request]] ?? "").replaceAll("\\", "/");
  if (script === "" || isAbsolute(script)) return script;
  return join(depotPath, product.id, script);
}

/** What the script sees: property values and `getProductMap` (functions §7.3). */
export function readProductData(service: Service, product: Product, state: ProductOnClient): ProductData {
  const answer = service.call("productPropertyState_getValues", [[product.id], [], [service.clientId], true]);
  const values =
    (answer as Record<string, Record<string, Record<string, unknown[]>>>)[service.clientId]?.[product.id] ?? {};
  const properties = new Map(
    Object.entries(values).map(([name, list]) => [
      toBytes(name.toLowerCase()),
      (Array.isArray(list) ? list : []).map((value) => toBytes(propertyText(value))),
    ]),
  );
  const { attributes } = product;
  const map = {
    id: product.id,
    name: attributes["name"],
    description: attributes["description"],
    advice: attributes["advice"],
    productversion: product.productVersion,
    packageversion: product.packageVersion,
    priority: attributes["priority"],
    installationstate: state["installationStatus"],
    lastactionrequest: state["lastAction"],
    lastactionresult: state["actionResult"],
    installedversion: state["productVersion"],
    installedpackage: state["packageVersion"],
    installedmodificationtime: state["modificationTime"],
    actionrequest: state["actionRequest"],
  };
  return {
    id: toBytes(product.id),
    version: toBytes(product.productVersion),
    packageVersion: toBytes(product.packageVersion),
    properties,
    map: Object.entries(map).map(([key, value]) => toBytes(`${key}=${value ?? ""}`)),
  };
}
