import type { HardwareTypeName, HardwareTypes, ObjectType } from "@opsi-ts/model";
import type { ColumnKind } from "../layout.ts";
import { currentTime, type Table } from "../tables.ts";

/** One attribute of a hardware class and where it is kept. */
export interface HardwareColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Type of the column in MySQL's notation. */
  readonly type: string;
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
  { name: "hostId", kind: "name", type: "varchar(255)", table: "piece" },
  { name: "firstseen", kind: "timestamp", type: "timestamp", table: "piece" },
  { name: "lastseen", kind: "timestamp", type: "timestamp", table: "piece" },
  { name: "state", kind: "number", type: "tinyint", table: "piece" },
];

function columns(type: ObjectType, names: readonly string[], table: HardwareColumn["table"]): HardwareColumn[] {
  return names.map((name) => {
    const { rule, sql } = type.attributes[name] ?? {};
    const isNumber = rule?.control === "integer" || rule?.control === "float";
    return { name, table, kind: isNumber ? "number" : "text", type: sql ?? "varchar(255)" };
  });
}

const columnTypes = (list: readonly HardwareColumn[]) => Object.fromEntries(list.map(({ name, type }) => [name, type]));

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
      types: { hardware_id: "int auto_increment", ...columnTypes(general) },
      indexes: identifying.length > 0 ? [identifying] : [],
    },
    piece: {
      name: pieceType.table,
      columns: ["config_id", "hostId", "hardware_id", "firstseen", "lastseen", "state", ...individualNames],
      primaryKey: ["config_id"],
      notNull: ["hostId", "hardware_id", "firstseen", "lastseen", "state"],
      defaults: { firstseen: currentTime, lastseen: currentTime, state: "1" },
      types: {
        config_id: "int auto_increment",
        hardware_id: "int",
        ...columnTypes([...fixedColumns, ...individual]),
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
