/*
 * What a delete removes besides the rows that foreign keys take along: orphans after rows of a table were deleted.
 * (objects 4.4)
 */
const hostExists = (column: string) => `${column} IN (SELECT "hostId" FROM "HOST")`;
const productExists = (column: string) => `${column} IN (SELECT "productId" FROM "PRODUCT")`;

/** Rows that belong to nothing. */
export interface Orphans {
  readonly table: string;
  readonly where: string;
}

const orphanedHostMemberships: Orphans = {
  table: "OBJECT_TO_GROUP",
  where: `"groupType" = 'HostGroup' AND NOT ${hostExists('"objectId"')}`,
};
const orphanedPropertyStates: Orphans = {
  table: "PRODUCT_PROPERTY_STATE",
  where: `NOT ${productExists('"productId"')} OR NOT ${hostExists('"objectId"')}`,
};

/** By the table of which rows were deleted. */
export const orphans: Readonly<Record<string, readonly Orphans[]>> = {
  CONFIG: [
    {
      table: "CONFIG_STATE",
      where: `"configId" NOT IN (SELECT "configId" FROM "CONFIG") OR NOT ${hostExists('"objectId"')}`,
    },
  ],
  PRODUCT: [
    { table: "OBJECT_TO_GROUP", where: `"groupType" = 'ProductGroup' AND NOT ${productExists('"objectId"')}` },
    { table: "PRODUCT_ON_CLIENT", where: `NOT ${productExists('"productId"')}` },
    orphanedPropertyStates,
    { table: "WINDOWS_SOFTWARE_ID_TO_PRODUCT", where: `NOT ${productExists('"productId"')}` },
  ],
  PRODUCT_PROPERTY: [orphanedPropertyStates],
  GROUP: [orphanedHostMemberships],
};

export const deleteOrphans = ({ table, where }: Orphans) => `DELETE FROM "${table}" WHERE ${where}`;

/** The statements that remove them. */
export const cascades: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(orphans).map(([table, list]) => [table, list.map(deleteOrphans)]),
);

/** Rows of other tables that belong to a deleted row without a foreign key, by the row's key column. */
export const dependents: Readonly<Record<string, readonly { table: string; column: string; condition?: string }[]>> = {
  HOST: [
    { table: "OBJECT_TO_GROUP", column: "objectId", condition: `"groupType" = 'HostGroup'` },
    { table: "PRODUCT_PROPERTY_STATE", column: "objectId" },
    { table: "CONFIG_STATE", column: "objectId" },
  ],
};

/** Tables in which the statements above look for what the rows of a table belong to, without a foreign key. */
export const lookups: Readonly<Record<string, readonly string[]>> = {
  CONFIG_STATE: ["CONFIG", "HOST"],
  OBJECT_TO_GROUP: ["HOST", "PRODUCT"],
  PRODUCT_ON_CLIENT: ["PRODUCT"],
  PRODUCT_PROPERTY_STATE: ["PRODUCT", "HOST"],
};
