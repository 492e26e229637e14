import { families, type HardwareTypes } from "@opsi-ts/model";
import { hardwareLayouts } from "../backends/sql/hardware/hardware-layout.ts";
import { type ColumnKind, type Layout, layoutOf } from "../backends/sql/layout.ts";
import { type Table, tables } from "../backends/sql/tables.ts";
import { isSecretAttribute } from "./secrets.ts";

/** One column of a table as the trail shows it. */
export interface ColumnMeaning {
  readonly column: string;
  readonly attribute: string;
  readonly kind: ColumnKind;
  readonly secret: boolean;
  /** When something was last looked at: no change where nothing else is noted and nobody wanted it. */
  readonly observation: boolean;
}

/** What the rows of a table mean for objects. */
export interface TableMeaning {
  readonly table: string;
  /** Name of the objects' base type; for rows that are no objects that of the table. */
  readonly type: string;
  /**
   * `object`: a row is an object. `values`: a row is an element of a list of an object. `numbered`: a row is an object
   * whose key is just a number. What is removed and added again under another number has not changed.
   */
  readonly kind: "object" | "values" | "numbered";
  readonly columns: ReadonlyMap<string, ColumnMeaning>;
  /** Columns whose values make the ident, in its order. */
  readonly ident: readonly string[];
  /** What stands before them. */
  readonly identPrefix: string;
  /** The column with the name by which one knows that the values are secrets. */
  readonly nameOfValues: string | null;
  /**
   * Whether many rows are kept as the database has them: never where they may hold secrets; where names tell secrets
   * only as long as there is no such name among them.
   */
  readonly keptRaw: "always" | "withoutSecretNames" | "never";
}

const observations: Readonly<Record<string, string>> = {
  HOST: "lastSeen",
  USER: "lastLogin",
  SOFTWARE_CONFIG: "lastseen",
};

const namesOfValues: Readonly<Record<string, string>> = {
  CONFIG: "configId",
  CONFIG_VALUE: "configId",
  CONFIG_STATE: "configId",
  PRODUCT_PROPERTY: "propertyId",
  PRODUCT_PROPERTY_VALUE: "propertyId",
  PRODUCT_PROPERTY_STATE: "propertyId",
};

const numberedKey = (table: Table) =>
  table.primaryKey.find((name) => /auto_increment/.test(table.types?.[name] ?? "")) ?? null;

const keyed = (columns: readonly ColumnMeaning[]) => new Map(columns.map((column) => [column.column, column]));

const plain = (column: string): ColumnMeaning => ({
  ...{ column, attribute: column, kind: "text", secret: isSecretAttribute(column), observation: false },
});

const without = (table: Table, hidden: readonly string[]) =>
  table.columns.filter((column) => !hidden.includes(column)).map(plain);

function objectMeaning(layout: Layout): TableMeaning {
  const { family, table, columns, identColumns, typeColumn } = layout;
  const observed = observations[table.name];
  // An update tells the key only; the contract of a license is part of its ident and not of its key.
  const ident = identColumns.map(({ column }) => column).filter((column) => table.primaryKey.includes(column));
  // The ident has its own place, and what notes every change by itself is no change.
  const telling = [...columns.values()].filter(({ column }) => !ident.includes(column) && column !== table.touched);
  const known = telling.map(
    ({ column, attribute, kind }): ColumnMeaning => ({
      ...{ column, attribute, kind, secret: isSecretAttribute(attribute), observation: column === observed },
    }),
  );
  const nameOfValues = namesOfValues[table.name] ?? null;
  return {
    table: table.name,
    type: family.base.name,
    kind: "object",
    columns: keyed(typeColumn ? [...known, plain("type")] : known),
    ident,
    identPrefix: "",
    nameOfValues,
    keptRaw: known.some(({ secret }) => secret) ? "never" : nameOfValues === null ? "always" : "withoutSecretNames",
  };
}

function valuesMeaning({ family, values }: Layout): [string, TableMeaning] | null {
  if (values === null) return null;
  const { table, key } = values;
  const meaning: TableMeaning = {
    table: table.name,
    type: family.base.name,
    kind: "values",
    columns: keyed(without(table, [...key, numberedKey(table) ?? ""])),
    ident: key,
    identPrefix: "",
    nameOfValues: namesOfValues[table.name] ?? null,
    keptRaw: "never",
  };
  return [table.name, meaning];
}

/** The tables of the model's families and of rows that are no objects. */
function ownTables(): [string, TableMeaning][] {
  const layouts = families.filter(({ base }) => tables.some(({ name }) => name === base.table)).map(layoutOf);
  const meanings = new Map(layouts.map((layout) => [layout.table.name, objectMeaning(layout)]));
  for (const layout of layouts) {
    const found = valuesMeaning(layout);
    if (found) meanings.set(...found);
  }
  return tables.map((table) => {
    const meaning = meanings.get(table.name) ?? {
      table: table.name,
      type: table.name,
      kind: "object",
      columns: keyed(table.columns.map(plain)),
      ident: table.primaryKey,
      identPrefix: "",
      nameOfValues: null,
      keptRaw: "never",
    };
    return [table.name, meaning];
  });
}

/** An inventory that replaces all pieces finds them anew each time. */
const unseenOfPieces = ["config_id", "firstseen", "lastseen"];

function hardwareTables(types: HardwareTypes): [string, TableMeaning][] {
  return [...hardwareLayouts(types).values()].flatMap(({ hardwareClass, device, piece }): [string, TableMeaning][] => {
    const common = { kind: "numbered", nameOfValues: null, keptRaw: "never" } as const;
    const forDevice = { type: "AuditHardware", ident: ["hardware_id"], identPrefix: hardwareClass };
    const forPiece = { type: "AuditHardwareOnHost", ident: ["hostId"], identPrefix: hardwareClass };
    return [
      [
        device.name,
        {
          table: device.name,
          ...common,
          ...forDevice,
          columns: keyed(without(device, ["hardware_id"])),
        },
      ],
      [
        piece.name,
        {
          table: piece.name,
          ...common,
          ...forPiece,
          columns: keyed(without(piece, unseenOfPieces)),
        },
      ],
    ];
  });
}

/** What the rows of every table with objects mean. Changes of other tables are no changes of the site's data. */
export function tableMeanings(hardware: HardwareTypes): ReadonlyMap<string, TableMeaning> {
  return new Map([...ownTables(), ...hardwareTables(hardware)]);
}
