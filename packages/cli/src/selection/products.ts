import { OpsiError } from "@opsi-ts/model";
import type { Parameters, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { groupMembers } from "./groups.ts";
import { matcher, nameList } from "./name-list.ts";

export const productSelection = {
  products: { flags: "--products <ids>", doc: "product ids, with * as wildcard", parse: nameList },
  productGroups: { flags: "--product-groups <names>", doc: "members of these product groups", parse: nameList },
  excludeProducts: { flags: "--exclude-products <ids>", doc: "but not these", parse: nameList },
  excludeProductGroups: {
    flags: "--exclude-product-groups <names>",
    doc: "but not the members of these product groups",
    parse: nameList,
  },
} as const satisfies Parameters;

export interface Product {
  readonly id: string;
  readonly type: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly [script: string]: unknown;
}

/**
 * Never meant by "everything that is outdated or failed", only when named: they control the client or the network
 * start rather than install something. (packages §6.2)
 */
const notByCondition = [
  "opsi-winst",
  "opsi-auto-update",
  "opsi-script",
  "shutdownwanted",
  "windows10-upgrade",
  "activate-win",
  "opsi-script-test",
  "opsi-bootimage-local",
  "opsi-uefi-netboot",
  "opsi-wan-config-on",
  "opsi-wan-config-off",
  "opsi-winpe",
  "win10-sysprep-app-update-blocker",
  "windomain",
];

/**
 * The products that are meant, every version of them. Netboot products only if named in full: nobody reinstalls a
 * machine by a wildcard.
 *
 * @param everything what no selection at all means: all localboot products
 * @throws OpsiError BackendMissingDataError if a named product does not exist or nothing fits
 */
export async function selectProducts(
  context: Context,
  selection: Values<typeof productSelection>,
  { everything }: { everything: boolean },
): Promise<Product[]> {
  const { products, productGroups, excludeProducts, excludeProductGroups } = selection;
  const all = await context.call<Product[]>("product_getObjects", [[], {}]);
  const chosen = new Set<string>();
  for (const pattern of products ?? []) {
    const fits = matcher([pattern]);
    const matches = all.filter(({ id, type }) => fits(id) && (type !== "NetbootProduct" || !pattern.includes("*")));
    if (matches.length === 0) throw new OpsiError("BackendMissingDataError", `There is no product '${pattern}'`);
    for (const { id } of matches) chosen.add(id);
  }
  const local = all.filter(({ type }) => type === "LocalbootProduct");
  if (productGroups !== undefined) {
    const members = await groupMembers(context, "ProductGroup", productGroups);
    for (const { id } of local) if (members.has(id)) chosen.add(id);
  }
  if (everything && products === undefined && productGroups === undefined) {
    for (const { id } of local) if (!notByCondition.includes(id)) chosen.add(id);
  }
  const excluded = matcher(excludeProducts ?? []);
  const excludedMembers =
    excludeProductGroups === undefined
      ? new Set<string>()
      : await groupMembers(context, "ProductGroup", excludeProductGroups);
  const selected = all.filter(({ id }) => chosen.has(id) && !excluded(id) && !excludedMembers.has(id));
  if (selected.length === 0) throw new OpsiError("BackendMissingDataError", "No product fits the selection");
  return selected;
}
