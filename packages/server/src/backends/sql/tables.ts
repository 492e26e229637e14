import { families, type ObjectType } from "@opsi-ts/model";

/**
 * The tables of the original 4.3 schema (storage 6.2): keys, indexes, defaults. Columns and their types come from the
 * model's attributes; only tables that hold no objects of their own say them here.
 */
export interface Table {
  readonly name: string;
  /** In the order of the original. */
  readonly columns: readonly string[];
  readonly primaryKey: readonly string[];
  readonly notNull?: readonly string[];
  /** SQL literals, or `currentTime`. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** What the original's database fills in for columns without a default that a statement leaves out; SQL literals. */
  readonly implicitDefaults?: Readonly<Record<string, string>>;
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
  readonly foreignKeys?: readonly ForeignKey[];
  /** Columns that no attribute of the model declares. */
  readonly types?: Readonly<Record<string, string>>;
  /** Set to the current time by the database when another column changes and the statement does not set it. */
  readonly touched?: string;
}

/** The default of columns that note when a row came to be, in local time. */
export const currentTime = "CURRENT_TIMESTAMP";

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
  readonly onDelete: "cascade" | "restrict" | "set null";
}

/** The columns of a family's own table are those of its attributes. */
type Declared = Omit<Table, "columns"> & { readonly columns?: readonly string[] };

const words = (text: string) => text.split(" ");
const productVersion = ["productId", "productVersion", "packageVersion"];
const software = words("name version subVersion language architecture");
const toProduct: ForeignKey = {
  columns: productVersion,
  table: "PRODUCT",
  references: productVersion,
  onDelete: "cascade",
};
const toHost = (column: string, onDelete: ForeignKey["onDelete"] = "cascade"): ForeignKey => ({
  columns: [column],
  table: "HOST",
  references: ["hostId"],
  onDelete,
});
const valueColumns = { value: "text", isDefault: "tinyint(1)" };

const declared: readonly Declared[] = [
  {
    name: "HOST",
    primaryKey: ["hostId"],
    unique: [["systemUUID"]],
    indexes: [["type"], ["lastSeen"], ["hardwareAddress"]],
  },
  {
    name: "CONFIG",
    primaryKey: ["configId"],
    notNull: words("type multiValue editable"),
    defaults: { multiValue: "0", editable: "1" },
    implicitDefaults: { type: "''" },
    indexes: [["type"]],
  },
  {
    name: "CONFIG_VALUE",
    columns: words("config_value_id configId value isDefault"),
    primaryKey: ["config_value_id"],
    notNull: ["configId"],
    types: { config_value_id: "int auto_increment", configId: "varchar(200)", ...valueColumns },
    indexes: [["configId"]],
    foreignKeys: [{ columns: ["configId"], table: "CONFIG", references: ["configId"], onDelete: "cascade" }],
  },
  {
    name: "CONFIG_STATE",
    primaryKey: words("configId objectId"),
    indexes: [["objectId"]],
  },
  {
    name: "GROUP",
    primaryKey: words("type groupId"),
    implicitDefaults: { type: "''" },
    indexes: [["parentGroupId"]],
  },
  {
    name: "OBJECT_TO_GROUP",
    primaryKey: words("groupType groupId objectId"),
    indexes: [["objectId"]],
    foreignKeys: [
      { columns: words("groupType groupId"), table: "GROUP", references: words("type groupId"), onDelete: "cascade" },
    ],
  },
  {
    name: "PRODUCT",
    primaryKey: productVersion,
    types: { type: "varchar(32)" },
    notNull: words("type name licenseRequired"),
    defaults: { name: "''", licenseRequired: "0", priority: "0" },
    implicitDefaults: { type: "''" },
    indexes: [["type"]],
  },
  {
    name: "PRODUCT_DEPENDENCY",
    primaryKey: [...productVersion, "productAction", "requiredProductId"],
    foreignKeys: [toProduct],
  },
  {
    name: "PRODUCT_PROPERTY",
    primaryKey: [...productVersion, "propertyId"],
    notNull: words("type multiValue editable"),
    defaults: { multiValue: "0", editable: "1" },
    implicitDefaults: { type: "''" },
    indexes: [["type"]],
    foreignKeys: [toProduct],
  },
  {
    name: "PRODUCT_PROPERTY_VALUE",
    columns: ["product_property_id", ...productVersion, ...words("propertyId value isDefault")],
    primaryKey: ["product_property_id"],
    notNull: [...productVersion, "propertyId"],
    types: {
      product_property_id: "int auto_increment",
      productId: "varchar(255)",
      productVersion: "varchar(32)",
      packageVersion: "varchar(16)",
      propertyId: "varchar(200)",
      ...valueColumns,
    },
    indexes: [[...productVersion, "propertyId"]],
    foreignKeys: [
      {
        columns: [...productVersion, "propertyId"],
        table: "PRODUCT_PROPERTY",
        references: [...productVersion, "propertyId"],
        onDelete: "cascade",
      },
    ],
  },
  {
    name: "PRODUCT_PROPERTY_STATE",
    primaryKey: words("productId propertyId objectId"),
    indexes: [["objectId"]],
  },
  {
    name: "PRODUCT_ON_DEPOT",
    primaryKey: words("productId productType productVersion packageVersion depotId"),
    notNull: ["locked"],
    defaults: { locked: "0" },
    unique: [words("productId depotId")],
    indexes: [productVersion, ["depotId"], ["productType"]],
    foreignKeys: [toHost("depotId"), toProduct],
  },
  {
    name: "PRODUCT_ON_CLIENT",
    primaryKey: words("productId productType clientId"),
    notNull: words("installationStatus actionRequest modificationTime"),
    defaults: {
      installationStatus: "'not_installed'",
      actionRequest: "'none'",
      modificationTime: currentTime,
    },
    touched: "modificationTime",
    unique: [words("productId clientId")],
    indexes: [["clientId"]],
    foreignKeys: [toHost("clientId")],
  },
  {
    name: "LICENSE_CONTRACT",
    primaryKey: ["licenseContractId"],
    notNull: ["type"],
    implicitDefaults: { type: "''" },
    indexes: [["type"]],
  },
  {
    name: "SOFTWARE_LICENSE",
    primaryKey: ["softwareLicenseId"],
    notNull: words("licenseContractId type maxInstallations"),
    defaults: { maxInstallations: "1" },
    implicitDefaults: { type: "''" },
    indexes: [["licenseContractId"], ["type"], ["boundToHost"]],
    foreignKeys: [
      {
        columns: ["licenseContractId"],
        table: "LICENSE_CONTRACT",
        references: ["licenseContractId"],
        onDelete: "restrict",
      },
      toHost("boundToHost", "set null"),
    ],
  },
  {
    name: "LICENSE_POOL",
    primaryKey: ["licensePoolId"],
    notNull: ["type"],
    implicitDefaults: { type: "''" },
    indexes: [["type"]],
  },
  {
    name: "PRODUCT_ID_TO_LICENSE_POOL",
    columns: words("licensePoolId productId"),
    primaryKey: words("licensePoolId productId"),
    types: { licensePoolId: "varchar(100)", productId: "varchar(255)" },
    foreignKeys: [
      { columns: ["licensePoolId"], table: "LICENSE_POOL", references: ["licensePoolId"], onDelete: "cascade" },
    ],
  },
  {
    name: "SOFTWARE_LICENSE_TO_LICENSE_POOL",
    primaryKey: words("softwareLicenseId licensePoolId"),
    indexes: [["licensePoolId"]],
    foreignKeys: [
      {
        columns: ["softwareLicenseId"],
        table: "SOFTWARE_LICENSE",
        references: ["softwareLicenseId"],
        onDelete: "restrict",
      },
      { columns: ["licensePoolId"], table: "LICENSE_POOL", references: ["licensePoolId"], onDelete: "restrict" },
    ],
  },
  {
    name: "LICENSE_ON_CLIENT",
    primaryKey: words("softwareLicenseId licensePoolId clientId"),
    indexes: [["clientId"]],
    foreignKeys: [
      {
        columns: words("softwareLicenseId licensePoolId"),
        table: "SOFTWARE_LICENSE_TO_LICENSE_POOL",
        references: words("softwareLicenseId licensePoolId"),
        onDelete: "restrict",
      },
      toHost("clientId"),
    ],
  },
  {
    name: "AUDIT_SOFTWARE_TO_LICENSE_POOL",
    primaryKey: ["licensePoolId", ...software],
    foreignKeys: [
      { columns: ["licensePoolId"], table: "LICENSE_POOL", references: ["licensePoolId"], onDelete: "cascade" },
    ],
  },
  {
    name: "SOFTWARE",
    primaryKey: software,
    notNull: ["type"],
    implicitDefaults: { type: "''" },
    indexes: [["windowsSoftwareId"], ["type"]],
  },
  {
    name: "SOFTWARE_CONFIG",
    primaryKey: ["clientId", ...software],
    notNull: words("firstseen lastseen state usageFrequency"),
    defaults: {
      firstseen: currentTime,
      lastseen: currentTime,
      usageFrequency: "-1",
    },
    implicitDefaults: { state: "0" },
    indexes: [software],
    foreignKeys: [
      toHost("clientId"),
      { columns: software, table: "SOFTWARE", references: software, onDelete: "cascade" },
    ],
  },
  {
    name: "WINDOWS_SOFTWARE_ID_TO_PRODUCT",
    columns: words("windowsSoftwareId productId"),
    primaryKey: words("windowsSoftwareId productId"),
    types: { windowsSoftwareId: "varchar(100)", productId: "varchar(255)" },
    indexes: [["productId"]],
  },
  {
    name: "USER",
    primaryKey: ["userId"],
  },
];

function familyColumns(tableName: string): string[] {
  const family = families.find(({ base }) => base.table === tableName);
  if (!family) throw new Error(`No object type is stored in ${tableName}`);
  const attributes = Object.assign({}, ...family.types.map((type) => type.attributes)) as ObjectType["attributes"];
  return family.base.columnOrder.map((name) => attributes[name]?.column ?? name);
}

export const tables: readonly Table[] = declared.map((table) => ({
  ...table,
  columns: table.columns ?? familyColumns(table.name),
}));

export const tableNamed = new Map(tables.map((table) => [table.name, table]));
