import { fromHash, OpsiError, ProductOnClient, ProductPropertyState, rule } from "@opsi-ts/model";
import type { Call } from "../declare.ts";
import { clientToDepots } from "../depot-assignment.ts";
import { objectToGroups, productPropertyStates, productsOnClients, productsOnDepots } from "../families.ts";
import { legacyMethods } from "../legacy/legacy-methods.ts";

async function members({ objects }: Call, groupType: string, groupId: unknown): Promise<string[]> {
  const found = await objects.readIdents(objectToGroups, { groupType, groupId: rule.groupId.coerce(groupId) });
  return found.map(({ objectId }) => String(objectId));
}

/** The members of a host group, by the depot that serves them. */
async function membersByDepot(call: Call, hostGroupId: unknown): Promise<Map<string, { readonly clientId: string }[]>> {
  const clientIds = await members(call, "HostGroup", hostGroupId);
  // The original takes a group without members for one of all clients.
  if (clientIds.length === 0) return new Map();
  return Map.groupBy(await clientToDepots(call, [], clientIds), ({ depotId }) => depotId);
}

/** Requests an action on clients, depot by depot; what was done for one depot stays when the next one refuses. */
async function request(
  { objects }: Call,
  ofDepots: ReadonlyMap<string, readonly { readonly clientId: string }[]>,
  productId: string,
  actionRequest: string | null,
  quote: (depotId: string) => string,
): Promise<void> {
  for (const [depotId, pairs] of ofDepots) {
    const [onDepot] = await objects.read(productsOnDepots, [], { productId, depotId });
    if (!onDepot) {
      const text = `Product '${productId}' not found on depot server ${quote(depotId)}`;
      throw new OpsiError("BackendMissingDataError", text, { field: "productId" });
    }
    const wanted = pairs.map(({ clientId }) => clientId);
    const stored = await objects.read(productsOnClients, [], { productId, clientId: wanted });
    const known = new Map(stored.map((onClient) => [String(onClient["clientId"]), onClient]));
    const created = { productId, productType: onDepot["productType"], installationStatus: "not_installed" };
    const requests = wanted.map((clientId) =>
      fromHash(ProductOnClient, { ...(known.get(clientId) ?? { ...created, clientId }), actionRequest }),
    );
    await objects.write(productsOnClients, requests, "merge", "updateObjects");
  }
}

async function setProperty(call: Call, ...values: unknown[]): Promise<null> {
  const [productId, propertyId, propertyValue, groupId] = values;
  const states = (await members(call, "HostGroup", groupId)).map((objectId) =>
    fromHash(ProductPropertyState, { productId, propertyId, objectId, values: propertyValue }),
  );
  if (states.length > 0) await call.objects.write(productPropertyStates, states, "insert", "createObjects");
  return null;
}

const imageProperty = { productId: "opsi-local-image-restore", propertyId: "imagefiles_list" };

/** The images that all members have. */
async function commonImages(call: Call, groupId: unknown): Promise<string[]> {
  const clientIds = await members(call, "HostGroup", groupId);
  if (clientIds.length === 0) return [];
  const states = await call.objects.read(productPropertyStates, [], { ...imageProperty, objectId: clientIds });
  const imagesOf = new Map(
    states.map(({ objectId, values }) => [
      String(objectId),
      new Set((Array.isArray(values) ? values : []).flatMap((value) => String(value).split(","))),
    ]),
  );
  const sets = clientIds.map((clientId) => imagesOf.get(clientId) ?? new Set<string>());
  return [...sets.reduce((common, images) => common.intersection(images))];
}

/** (methods 17.3) */
export const groupActionMethods = legacyMethods({
  setProductActionRequestForHostGroup: {
    signature: "hostGroupId productId actionRequest",
    doc: "Requests an action of a product on the members of a host group.",
    run: async (call, hostGroupId, productId, actionRequest) => {
      const ofDepots = await membersByDepot(call, hostGroupId);
      const wanted = rule.actionRequest.coerce(actionRequest);
      await request(call, ofDepots, rule.productId.coerce(productId), wanted, (depotId) => `'${depotId}'`);
      return null;
    },
  },
  setProductActionRequestForProductGroup: {
    signature: "hostGroupId productGroupId actionRequest",
    doc: "Requests an action of the members of a product group on the members of a host group.",
    run: async (call, hostGroupId, productGroupId, actionRequest) => {
      const ofDepots = await membersByDepot(call, hostGroupId);
      const wanted = rule.actionRequest.coerce(actionRequest);
      for (const productId of await members(call, "ProductGroup", productGroupId)) {
        await request(call, ofDepots, productId, wanted, (depotId) => depotId);
      }
      return null;
    },
  },
  setProductPropertyForHostGroup: {
    signature: "productId propertyId propertyValue groupId",
    doc: "Sets a property of a product for the members of a host group.",
    run: setProperty,
  },
  getPossibleImagefileValuesForHostGroup: {
    signature: "groupId",
    doc: "Image files that all members of a host group have.",
    result: "list[str]",
    run: commonImages,
  },
});
