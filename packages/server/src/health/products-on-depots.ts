import { existsSync } from "node:fs";
import { join } from "node:path";
import type { OpsiObject } from "@opsi-ts/model";
import { compareVersions } from "@opsi-ts/opsi-package";
import { productsOnDepots as onDepots, products } from "../methods/families.ts";
import { type Check, error, type Finding, limited, ok, warning } from "./check.ts";

export const versionOf = ({ productVersion, packageVersion }: OpsiObject) => `${productVersion}-${packageVersion}`;

export const productsOnDepots: Check = {
  id: "products_on_depots",
  name: "Products on depots",
  description: "Products that are locked, incomplete, or older than on another depot of the site.",
  documentation: "Install the package again: 'opsi package install FILE --depots DEPOT'; '--force' where it is locked.",
  async run({ storage, site }) {
    const installed = await storage.read(onDepots);
    const idents = await storage.readIdents(products);
    const known = new Set(
      idents.map((ident) => `${ident["id"]};${ident["productVersion"]}-${ident["packageVersion"]}`),
    );
    const newest = newestVersions(installed);
    const found = installed.flatMap((one): [string, Finding][] => {
      const [productId, version] = [String(one["productId"]), versionOf(one)];
      const place = `${productId} ${version} on ${one["depotId"]}`;
      const id = `${one["depotId"]}:${productId}`;
      if (!known.has(`${productId};${version}`)) return [[id, error(`The data of ${place} are missing.`)]];
      const folder = join(site.folders.depot, productId);
      if (one["depotId"] === site.hostId && !existsSync(folder))
        return [[id, error(`${folder} of ${place} is missing.`)]];
      if (one["locked"]) return [[id, warning(`${place} is locked.`)]];
      const latest = newest.get(productId) ?? version;
      return latest === version ? [] : [[id, warning(`${place} is older than ${latest} on another depot.`)]];
    });
    return found.length > 0 ? limited(found) : { products: ok("All products on depots are complete and up to date.") };
  },
};

function newestVersions(installed: readonly OpsiObject[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const one of installed) {
    const [id, version] = [String(one["productId"]), versionOf(one)];
    const other = newest.get(id);
    if (other === undefined || compareVersions(version, other) > 0) newest.set(id, version);
  }
  return newest;
}
