/**
 * What a delete removes besides the rows that foreign keys take along: statements without parameters that drop
 * orphans after rows of a table were deleted. (objects 4.4)
 */
const hostExists = (column: string) => `${column} IN (SELECT "hostId" FROM "HOST")`;
const productExists = (column: string) => `${column} IN (SELECT "productId" FROM "PRODUCT")`;

const orphanedHostMemberships = `DELETE FROM "OBJECT_TO_GROUP" WHERE "groupType" = 'HostGroup' AND NOT ${hostExists('"objectId"')}`;
const orphanedProductMemberships = `DELETE FROM "OBJECT_TO_GROUP" WHERE "groupType" = 'ProductGroup' AND NOT ${productExists('"objectId"')}`;
const orphanedPropertyStates = `DELETE FROM "PRODUCT_PROPERTY_STATE" WHERE NOT ${productExists('"productId"')} OR NOT ${hostExists('"objectId"')}`;

export const cascades: Readonly<Record<string, readonly string[]>> = {
  CONFIG: [
    `DELETE FROM "CONFIG_STATE" WHERE "configId" NOT IN (SELECT "configId" FROM "CONFIG") OR NOT ${hostExists('"objectId"')}`,
  ],
  PRODUCT: [
    orphanedProductMemberships,
    `DELETE FROM "PRODUCT_ON_CLIENT" WHERE NOT ${productExists('"productId"')}`,
    orphanedPropertyStates,
    `DELETE FROM "WINDOWS_SOFTWARE_ID_TO_PRODUCT" WHERE NOT ${productExists('"productId"')}`,
  ],
  PRODUCT_PROPERTY: [orphanedPropertyStates],
  GROUP: [orphanedHostMemberships],
};

/** Rows of other tables that belong to a deleted row without a foreign key, by the row's key column. */
export const dependents: Readonly<Record<string, readonly { table: string; column: string; condition?: string }[]>> = {
  HOST: [
    { table: "OBJECT_TO_GROUP", column: "objectId", condition: `"groupType" = 'HostGroup'` },
    { table: "PRODUCT_PROPERTY_STATE", column: "objectId" },
    { table: "CONFIG_STATE", column: "objectId" },
  ],
};
