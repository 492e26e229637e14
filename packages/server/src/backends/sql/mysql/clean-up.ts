import { cascades } from "../cascades.ts";
import type { HardwareLayout } from "../hardware/hardware-layout.ts";
import type { Connection } from "../remote/connection.ts";
import { type Table, tables } from "../tables.ts";
import { mysql } from "./mysql-dialect.ts";
import { removeOrphans } from "./remove-orphans.ts";

/** Objects of the oldest versions have the name of the abstract class. */
const typed = (table: string, values: string, key: string, kind: string) => [
  `UPDATE "${table}" o SET o."type" = 'Bool${kind}' WHERE o."type" = '${kind}' AND NOT o."editable" AND NOT o."multiValue"
     AND EXISTS (SELECT 1 FROM "${values}" v WHERE ${key} AND v."value" IN ('0', '1'))`,
  `UPDATE "${table}" SET "type" = 'Unicode${kind}' WHERE "type" = '${kind}'`,
];

const isDepotState = `"configId" = 'clientconfig.depot.id'`;
/** The one depot that a state names, as the row \`h\`. */
const namedDepot = (values: string) =>
  `FROM "HOST" h WHERE h."type" IN ('OpsiDepotserver', 'OpsiConfigserver') AND ${values} = '["' || h."hostId" || '"]'`;
const depotOfClient = `coalesce(
  (SELECT h."hostId" ${namedDepot(`(SELECT s."values" FROM "CONFIG_STATE" s WHERE s.${isDepotState} AND s."objectId" = c."clientId")`)} LIMIT 1),
  (SELECT "hostId" FROM "HOST" WHERE "type" = 'OpsiConfigserver' LIMIT 1))`;

/** Rows without the other row of a foreign key: whoever loads a dump without checks may bring some. */
const withOrphans = new Set(
  "CONFIG_VALUE PRODUCT_PROPERTY_VALUE PRODUCT_ON_DEPOT LICENSE_ON_CLIENT PRODUCT_ID_TO_LICENSE_POOL SOFTWARE_CONFIG".split(
    " ",
  ),
);
const orphans = (wanted: readonly Table[]) =>
  wanted.flatMap((table) =>
    (table.foreignKeys ?? []).filter(({ onDelete }) => onDelete === "cascade").map((key) => removeOrphans(table, key)),
  );

const statements: readonly string[] = [
  `UPDATE "GROUP" SET "parentGroupId" = NULL WHERE "parentGroupId" = ''`,
  ...new Set(Object.values(cascades).flat()),
  `DELETE FROM "CONFIG_STATE" WHERE "values" = '[null]'`,
  ...typed("CONFIG", "CONFIG_VALUE", `v."configId" = o."configId"`, "Config"),
  ...typed(
    "PRODUCT_PROPERTY",
    "PRODUCT_PROPERTY_VALUE",
    ["productId", "productVersion", "packageVersion", "propertyId"]
      .map((name) => `v."${name}" = o."${name}"`)
      .join(" AND "),
    "ProductProperty",
  ),
  `UPDATE "PRODUCT_ON_CLIENT" c JOIN "PRODUCT_ON_DEPOT" d ON d."productId" = c."productId" AND d."depotId" = ${depotOfClient}
     SET c."productVersion" = d."productVersion", c."packageVersion" = d."packageVersion"
     WHERE c."installationStatus" = 'installed'
       AND (coalesce(c."productVersion", '') = '' OR coalesce(c."packageVersion", '') = '')`,
];

const unusedDevices = ({ device, piece }: HardwareLayout) =>
  `DELETE FROM ${mysql.quote(device.name)} WHERE "hardware_id" NOT IN (SELECT "hardware_id" FROM ${mysql.quote(piece.name)})`;

/**
 * What the original's clean-up does to tables at each start. Users who never logged in and assignments to depots that
 * are gone stay: somebody made them. (storage 7.1)
 */
export async function cleanUp(connection: Connection, hardware: readonly HardwareLayout[]): Promise<void> {
  const all = [...tables.filter(({ name }) => withOrphans.has(name)), ...hardware.map(({ piece }) => piece)];
  for (const statement of [...orphans(all), ...statements, ...hardware.map(unusedDevices)]) {
    await connection.execute(statement);
  }
}

/** Older versions left assignments that name no depot, or several: clients could not follow them. */
export const wrongDepots = `DELETE FROM "CONFIG_STATE" WHERE ${isDepotState} AND NOT EXISTS (SELECT 1 ${namedDepot('"CONFIG_STATE"."values"')})`;
