import {
  fromHash,
  type HardwareTypes,
  identString,
  isOpsiError,
  isSubtype,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import type { Dialect } from "../backends/sql/dialect.ts";
import { type HardwareLayout, hardwareLayouts } from "../backends/sql/hardware/hardware-layout.ts";
import { type Column, type Layout, layoutOf } from "../backends/sql/layout.ts";
import { encodeValues } from "../backends/sql/python-json.ts";
import { fold } from "../backends/sql/sqlite/database.ts";
import { type ForeignKey, tables } from "../backends/sql/tables.ts";
import { firstBytes, isLongText, storableTimestamp } from "../backends/sql/write.ts";
import { familyNamed, isHardware } from "../backup/object-types.ts";

/** What a storage cannot keep of an object. */
export interface Loss {
  readonly type: string;
  readonly ident: string;
  /** Null: the object as a whole. */
  readonly attribute: string | null;
  /** What would become of it. */
  readonly problem: string;
}

/** What there is to know of a storage to tell what it can keep. */
export interface Capacity {
  readonly dialect: Dialect;
  /** Letters that differ in their accents only are the same in keys. */
  readonly foldsAccents: boolean;
  /** Of the files of 4.2: they do not say which host is the config server, so there is this one. */
  readonly configserverId: string | null;
}

/** States stand in the file of their host. (storage 5.4) */
const ownerInFiles: Readonly<Record<string, string>> = { ConfigState: "objectId", ProductPropertyState: "objectId" };

/** Tables whose rows others refer to: their keys are remembered. */
const referenced = new Set(tables.flatMap(({ foreignKeys = [] }) => foreignKeys.map(({ table }) => table)));

/**
 * Makes of each object what a storage can keep of it. Objects have to come in the order in which they can be created:
 * those that refer to one that is not kept are not kept, either. Only keys that others refer to are remembered.
 */
export class Fitting {
  readonly #capacity: Capacity;
  readonly #hardware: ReadonlyMap<string, HardwareLayout>;
  readonly #onLoss: (loss: Loss) => void;
  readonly #keys = new Map<string, Set<string>>();

  constructor(capacity: Capacity, hardware: HardwareTypes, onLoss: (loss: Loss) => void) {
    this.#capacity = capacity;
    this.#hardware = hardwareLayouts(hardware);
    this.#onLoss = onLoss;
  }

  /** The object as it will be read again, null where it cannot be kept at all. */
  fit(name: string, object: OpsiObject): OpsiObject | null {
    if (isHardware(name)) return this.#fitHardware(name, object);
    const layout = layoutOf(familyNamed(name));
    const lose = (attribute: string | null, problem: string) =>
      this.#onLoss({ type: object.type, ident: identString(object), attribute, problem });
    const reason = this.#whyNot(name, layout, object);
    if (reason !== null) {
      lose(null, `is left out: ${reason}`);
      return null;
    }
    let fitted = this.#capacity.configserverId === null ? object : asReadFromFiles(object, lose);
    if (fitted === null) return null;
    for (const column of layout.columns.values()) {
      const value = fitted[column.attribute];
      if (value === null || value === undefined) continue;
      const { kept, problem } = this.#keep(column, value);
      if (problem === null) continue;
      const isPartOfKey = column.ident || layout.table.notNull?.includes(column.column);
      if (kept === null && isPartOfKey) {
        lose(null, `is left out: ${column.attribute} ${problem}`);
        return null;
      }
      lose(column.attribute, problem);
      fitted = { ...fitted, [column.attribute]: kept };
    }
    for (const key of layout.table.foreignKeys ?? []) {
      const [attribute] = key.columns; // has the column's name
      if (key.onDelete !== "set null" || attribute === undefined || this.#missing(layout, object, key) === null)
        continue;
      lose(attribute, `there is no ${key.table} '${object[attribute]}': it is lost`);
      fitted = { ...fitted, [attribute]: null };
    }
    fitted = this.#fitValues(fitted, lose);
    this.#remember(layout, fitted);
    return fitted;
  }

  #whyNot(name: string, layout: Layout, object: OpsiObject): string | null {
    for (const key of layout.table.foreignKeys ?? []) {
      const missing = key.onDelete === "set null" ? null : this.#missing(layout, object, key);
      if (missing !== null) return `there is no ${key.table} '${missing}'`;
    }
    const keys = referenced.has(layout.table.name) ? this.#keysOf(layout.table.name) : null;
    if (keys?.has(this.#key(layout.table.primaryKey.map((column) => columnValue(layout, object, column))))) {
      return "another one has the same key but for case or accents";
    }
    const { configserverId } = this.#capacity;
    if (configserverId === null) return null;
    const owner = ownerInFiles[name];
    if (owner !== undefined && !this.#keysOf("HOST").has(this.#key([object[owner]]))) {
      return `there is no host '${object[owner]}', in whose file it would stand`;
    }
    const isServer = name === "Host" && isSubtype(object.type, "OpsiDepotserver");
    if (isServer && (object.type === "OpsiConfigserver") !== (object["id"] === configserverId)) {
      return `in files, '${configserverId}' is the config server, and nobody else`;
    }
    return null;
  }

  /** The key that is referred to and not there. */
  #missing(layout: Layout, object: OpsiObject, { columns, table }: ForeignKey): string | null {
    const values = columns.map((column) => columnValue(layout, object, column));
    if (values.includes(null) || values.includes(undefined)) return null;
    return this.#keysOf(table).has(this.#key(values)) ? null : values.join(";");
  }

  #remember(layout: Layout, object: OpsiObject): void {
    const { name, primaryKey } = layout.table;
    if (!referenced.has(name)) return;
    this.#keysOf(name).add(this.#key(primaryKey.map((column) => columnValue(layout, object, column))));
  }

  #keysOf(table: string): Set<string> {
    return this.#keys.getOrInsertComputed(table, () => new Set());
  }

  #key(values: readonly unknown[]): string {
    const text = values.map(String).join("\u0000");
    return this.#capacity.foldsAccents ? String(fold(text)) : text.toLowerCase();
  }

  /** `kept` is null where nothing sensible is left. */
  #keep(column: Column, value: unknown): { readonly kept: unknown; readonly problem: string | null } {
    const { dialect } = this.#capacity;
    if (column.kind === "timestamp") {
      const isPossible = storableTimestamp(String(value)) === value;
      return { kept: isPossible ? value : null, problem: isPossible ? null : `'${value}' is no time that can be kept` };
    }
    const text = column.kind === "list" ? encodeValues([value].flat()) : value;
    if (typeof text !== "string") return { kept: value, problem: null };
    const tooLong = this.#tooLong(column, text);
    if (tooLong !== null) {
      // A part of a list, of an id or of a key would be something else.
      const canBeCut = column.kind === "text" && !column.ident && column.attribute !== "licenseKey";
      const kept = canBeCut ? dialect.storable(tooLong.cut) : null;
      return { kept, problem: `${tooLong.problem}, ${canBeCut ? "the end is cut off" : "it is lost"}` };
    }
    const kept = column.kind === "list" ? text : dialect.storable(text);
    if (kept === text) return { kept: value, problem: null };
    return { kept, problem: "has characters that become question marks" };
  }

  #tooLong(column: Column, text: string): { readonly problem: string; readonly cut: string } | null {
    const { longestText } = this.#capacity.dialect;
    if (column.length !== undefined && text.length > column.length) {
      const characters = [...text];
      if (characters.length <= column.length) return null;
      const problem = `has ${characters.length} characters, ${column.length} are possible`;
      return { problem, cut: characters.slice(0, column.length).join("") };
    }
    if (longestText === null || !isLongText(column) || text.length * 3 <= longestText) return null;
    const bytes = Buffer.byteLength(text);
    if (bytes <= longestText) return null;
    return { problem: `has ${bytes} bytes, ${longestText} are possible`, cut: firstBytes(text, longestText) };
  }

  /** Possible values stand in rows of their own. */
  #fitValues(object: OpsiObject, lose: (attribute: string, problem: string) => void): OpsiObject {
    let fitted = object;
    for (const attribute of ["possibleValues", "defaultValues"]) {
      const list = object[attribute];
      if (!Array.isArray(list)) continue;
      const kept = list.map((value) => (typeof value === "string" ? this.#capacity.dialect.storable(value) : value));
      if (kept.every((value, index) => value === list[index])) continue;
      lose(attribute, "has characters that become question marks");
      fitted = { ...fitted, [attribute]: kept };
    }
    return fitted;
  }

  #fitHardware(name: string, object: OpsiObject): OpsiObject | null {
    const layout = this.#hardware.get(String(object["hardwareClass"]));
    if (!layout) return null; // nothing reads objects of such a class
    let fitted = object;
    const columns = name === "AuditHardware" ? layout.general : [...layout.general, ...layout.individual];
    for (const { name: attribute, type } of columns) {
      const value = object[attribute];
      if (typeof value !== "string" && typeof value !== "number") continue;
      const stored = this.#capacity.dialect.storable(value, type);
      const kept = typeof stored === "bigint" ? Number(stored) : stored;
      if (kept === value) continue;
      const ident = [object["hostId"], object["hardwareClass"], object["name"]].filter(Boolean).join(";");
      this.#onLoss({ type: name, ident, attribute, problem: `'${value}' becomes '${kept}'` });
      fitted = { ...fitted, [attribute]: kept };
    }
    return fitted;
  }
}

/** What is read from files passes the rules of its type: what breaks them is not read, and what is null gets a default. */
function asReadFromFiles(
  object: OpsiObject,
  lose: (attribute: string | null, problem: string) => void,
): OpsiObject | null {
  const type = objectTypes.get(object.type);
  if (!type) throw new Error(`${object.type} is no type`);
  try {
    const given = Object.entries(object).filter(([, value]) => value !== null);
    const read: OpsiObject = fromHash(type, Object.fromEntries(given));
    for (const [name, value] of given) {
      if (inOrder(read[name]) !== inOrder(value)) lose(name, `becomes ${JSON.stringify(read[name]) ?? "nothing"}`);
    }
    return read;
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    lose(null, `is left out: ${error.message}`);
    return null;
  }
}

/** Lists are the same in whatever order. */
const inOrder = (value: unknown) =>
  JSON.stringify(Array.isArray(value) ? value.map((element) => JSON.stringify(element)).sort() : value);

/** What stands in a column of the object's table. */
function columnValue(layout: Layout, object: OpsiObject, name: string): unknown {
  for (const { column, attribute } of layout.columns.values()) if (column === name) return object[attribute];
  return name === "type" ? object.type : undefined;
}
