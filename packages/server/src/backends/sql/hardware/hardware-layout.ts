import type { HardwareTypeName, HardwareTypes, ObjectType } from "@opsi-ts/model";
import type { ColumnKind } from "../layout.ts";
import type { Table } from "../tables.ts";

/** One attribute of a hardware class and where it is kept. */
export interface HardwareColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** In the table of the devices or in that of the pieces. */
  readonly table: "device" | "piece";
}

/** How one hardware class is stored: models of devices, and the pieces of them that hosts have. (storage 6.5) */
export interface HardwareLayout {
  readonly hardwareClass: string;
  readonly types: Readonly<Record<HardwareTypeName, ObjectType>>;
  readonly device: Table;
  readonly piece: Table;
  /** Attributes of the model of device, in the order of the configuration. */
  readonly general: readonly HardwareColumn[];
  /** Attributes of the single piece, in the order of the configuration. */
  readonly individual: readonly HardwareColumn[];
  /** Every attribute that can be filtered, per type. */
  readonly filterable: Readonly<Record<HardwareTypeName, ReadonlyMap<string, HardwareColumn>>>;
}

/** Enough of a device's attributes to tell nearly all devices of a class apart. */
const indexedAttributes = 4;

const fixedColumns: readonly HardwareColumn[] = [
  { name: "hostId", kind: "name", table: "piece" },
  { name: "firstseen", kind: "timestamp", table: "piece" },
  { name: "lastseen", kind: "timestamp", table: "piece" },
  { name: "state", kind: "number", table: "piece" },
];

const now = "(datetime('now', 'localtime'))";

function columns(type: ObjectType, names: readonly string[], table: HardwareColumn["table"]): HardwareColumn[] {
  return names.map((name) => {
    const control = type.attributes[name]?.rule.control;
    return { name, table, kind: control === "integer" || control === "float" ? "number" : "text" };
  });
}

function columnTypes(type: ObjectType, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, type.attributes[name]?.sql ?? "varchar(255)"]));
}

function layout(hardwareClass: string, deviceType: ObjectType, pieceType: ObjectType): HardwareLayout {
  const fixed = new Set(fixedColumns.map(({ name }) => name));
  const individualNames = pieceType.columnOrder.filter((name) => !fixed.has(name));
  const general = columns(deviceType, deviceType.columnOrder, "device");
  const individual = columns(pieceType, individualNames, "piece");
  const keyed = (list: readonly HardwareColumn[]) => new Map(list.map((column) => [column.name, column]));
  const identifying = deviceType.columnOrder.slice(0, indexedAttributes);
  return {
    hardwareClass,
    types: { AuditHardware: deviceType, AuditHardwareOnHost: pieceType },
    device: {
      name: deviceType.table,
      columns: ["hardware_id", ...deviceType.columnOrder],
      primaryKey: ["hardware_id"],
      types: { hardware_id: "int auto_increment", ...columnTypes(deviceType, deviceType.columnOrder) },
      indexes: identifying.length > 0 ? [identifying] : [],
    },
    piece: {
      name: pieceType.table,
      columns: ["config_id", "hostId", "hardware_id", "firstseen", "lastseen", "state", ...individualNames],
      primaryKey: ["config_id"],
      notNull: ["hostId", "hardware_id", "firstseen", "lastseen", "state"],
      defaults: { firstseen: now, lastseen: now, state: "1" },
      types: {
        config_id: "int auto_increment",
        hostId: "varchar(255)",
        hardware_id: "int",
        firstseen: "timestamp",
        lastseen: "timestamp",
        state: "tinyint",
        ...columnTypes(pieceType, individualNames),
      },
      // The original has neither: it scans the tables for the hardware of a host.
      indexes: [["hostId", "hardware_id"], ["hardware_id"]],
      foreignKeys: [
        {
          columns: ["hardware_id"],
          table: deviceType.table,
          references: ["hardware_id"],
          onDelete: "cascade",
        },
      ],
    },
    general,
    individual,
    filterable: {
      AuditHardware: keyed(general),
      AuditHardwareOnHost: keyed([...fixedColumns, ...general, ...individual]),
    },
  };
}

/** Where the hardware of each configured class is stored, by class. */
export function hardwareLayouts(types: HardwareTypes): ReadonlyMap<string, HardwareLayout> {
  const layouts = new Map<string, HardwareLayout>();
  for (const name of types.classNames) {
    const device = types.type("AuditHardware", name);
    const piece = types.type("AuditHardwareOnHost", name);
    if (device && piece) layouts.set(name, layout(name, device, piece));
  }
  return layouts;
}
