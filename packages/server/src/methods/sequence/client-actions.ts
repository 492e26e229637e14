import { fromHash, type OpsiObject, ProductOnClient } from "@opsi-ts/model";
import { collectActions, type InstalledProducts } from "./collect-actions.ts";
import type { DepotProducts } from "./depot-products.ts";
import { groupActions } from "./group-actions.ts";

/** What `productOnClient_getActionGroups` shows of a group; the objects are in order. */
export interface SequencedGroup {
  readonly priority: number;
  readonly productsOnClient: readonly OpsiObject[];
  readonly priorities: Readonly<Record<string, number>>;
  readonly sortLog: readonly string[];
}

/**
 * What is to be done on one client, in order, with what the requests need besides.
 *
 * @param installed what the client has, for requirements on products that are not among the requests
 * @see objects 7
 */
export function sequenceClient(
  clientId: string,
  productsOnClient: readonly OpsiObject[],
  depot: DepotProducts,
  installed: InstalledProducts,
): SequencedGroup[] {
  const given = new Map(productsOnClient.map((object) => [String(object["productId"]), object]));
  const groups = groupActions(collectActions(productsOnClient, depot, new Map([...installed, ...given])));
  let next = 0;
  const sequenced: SequencedGroup[] = [];
  for (const { priority, actions, sortLog } of groups) {
    const shown = actions.filter(({ required, productOnClient }) => required || productOnClient !== null);
    if (shown.length === 0) continue;
    const objects = shown.map(({ productId, name, required, productOnClient }): OpsiObject => {
      const productType = depot.get(productId)?.productType;
      const object = productOnClient ?? fromHash(ProductOnClient, { productId, productType, clientId });
      const actionRequest = required ? name : "none";
      return { ...object, actionRequest, actionSequence: actionRequest === "none" ? -1 : next++ };
    });
    const priorities = Object.fromEntries(shown.map((action) => [action.productId, action.priority]));
    sequenced.push({ priority, productsOnClient: objects, priorities, sortLog });
  }
  return sequenced;
}
