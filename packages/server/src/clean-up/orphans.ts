import type { Family } from "@opsi-ts/model";
import type { Filter, ObjectStore } from "../backends/storage.ts";
import {
  auditSoftwareOnClients,
  configStates,
  configs,
  hosts,
  licenseOnClients,
  objectToGroups,
  productPropertyStates,
  products,
  productsOnClients,
  productsOnDepots,
} from "../methods/families.ts";
import type { Job } from "./job.ts";

/** Objects that mean nothing without another one, which they name in an attribute. */
interface Reference {
  readonly family: Family;
  readonly attribute: string;
  readonly to: Family;
  /** Only these objects of the family. */
  readonly filter?: Filter;
}

/** What the original removes at each start. Foreign keys forbid some of them, but not in a dump that was loaded. */
const references: readonly Reference[] = [
  { family: configStates, attribute: "configId", to: configs },
  { family: configStates, attribute: "objectId", to: hosts },
  { family: productPropertyStates, attribute: "productId", to: products },
  { family: productPropertyStates, attribute: "objectId", to: hosts },
  { family: objectToGroups, attribute: "objectId", to: hosts, filter: { groupType: "HostGroup" } },
  { family: objectToGroups, attribute: "objectId", to: products, filter: { groupType: "ProductGroup" } },
  { family: productsOnClients, attribute: "productId", to: products },
  { family: productsOnClients, attribute: "clientId", to: hosts },
  { family: productsOnDepots, attribute: "productId", to: products },
  { family: productsOnDepots, attribute: "depotId", to: hosts },
  { family: licenseOnClients, attribute: "clientId", to: hosts },
  { family: auditSoftwareOnClients, attribute: "clientId", to: hosts },
];

/** Objects without the host, product or config that they name. (storage 7.1, rows 4 and 6 to 16) */
export const orphanJobs: readonly Job[] = references.map((reference) => {
  const { family, to } = reference;
  return {
    id: `${family.prefix}_without_${to.prefix}`,
    description: `${family.prefix} whose ${reference.attribute} names no ${to.prefix}`,
    find: async (store) => ({ family, remove: await orphans(store, reference), replace: [] }),
  };
});

async function orphans(store: ObjectStore, { family, attribute, to, filter = {} }: Reference) {
  const known = new Set((await store.readIdents(to)).map(({ id }) => comparable(id)));
  const [all, tied] = [await store.count(family, { filter }), await tiedCount(store, known)];
  if (all === tied) return [];
  const idents = await store.readIdents(family, { filter });
  return idents.filter((ident) => !known.has(comparable(ident[attribute])));

  /** Counting is quick, and as a rule there is nothing to remove: a large site has a million products on clients. */
  function tiedCount(store: ObjectStore, ids: ReadonlySet<string>): number | Promise<number> {
    // An empty list would be no filter at all.
    return ids.size === 0 ? 0 : store.count(family, { filter: { ...filter, [attribute]: [...ids] } });
  }
}

/** Databases compare without case, and blanks at the end do not count. */
const comparable = (id: unknown) => String(id).trimEnd().toLowerCase();
