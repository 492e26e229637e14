import { OpsiError } from "./errors.ts";
import type { Attribute, ObjectType } from "./object-type.ts";
import { toFloat, toInteger } from "./python-number.ts";
import { pythonString } from "./python-repr.ts";
import { compareText, firstCharacters, strip } from "./python-text.ts";
import { orNull, type Rule, rule } from "./rules.ts";
import { timestamp } from "./timestamp.ts";

/*
 * The object types behind one hardware class: AuditHardware for the model of a device, AuditHardwareOnHost for the
 * piece in a computer. (objects §2.24, 2.25)
 */

/** Where the collectors of the platforms find something. */
export interface HardwareSources {
  readonly WMI?: string;
  readonly Linux?: string;
  readonly OSX?: string;
}

/** One attribute of a hardware class. Scope `g`: of the model (AuditHardware), `i`: of the single piece. */
export interface HardwareValue extends HardwareSources {
  readonly Opsi: string;
  readonly Type: string;
  readonly Scope: "g" | "i";
  readonly Registry?: string;
  readonly Cmd?: string;
  readonly Python?: string;
  readonly Condition?: string;
  readonly Unit?: string;
}

/** One entry of the configuration list. VIRTUAL classes are only there to be inherited from. */
export interface HardwareClass {
  readonly Class: HardwareSources & {
    readonly Opsi: string;
    readonly Type: "VIRTUAL" | "STRUCTURAL";
    readonly Super?: readonly string[];
  };
  readonly Values: readonly HardwareValue[];
}

export type HardwareTypeName = "AuditHardware" | "AuditHardwareOnHost";

const hardwareClassAttribute = { rule: rule.string, sql: null, ident: true } as const satisfies Attribute;

/** Table HARDWARE_DEVICE_…: what is the same for all pieces of a model. */
export function deviceType(hardwareClass: string, values: readonly HardwareValue[]): ObjectType {
  const general = values.filter(({ Scope }) => Scope === "g");
  return {
    ...hardwareType("AuditHardware", general),
    table: `HARDWARE_DEVICE_${hardwareClass.toUpperCase()}`,
    attributes: { hardwareClass: hardwareClassAttribute, ...attributesOf(general, "g") },
    columnOrder: general.map(({ Opsi }) => Opsi),
    identOrder: ["hardwareClass", ...alphabetical(general)],
  };
}

/** Table HARDWARE_CONFIG_…, joined with the model. */
export function onHostType(hardwareClass: string, values: readonly HardwareValue[]): ObjectType {
  const general = values.filter(({ Scope }) => Scope === "g");
  const individual = values.filter(({ Scope }) => Scope === "i");
  return {
    ...hardwareType("AuditHardwareOnHost", values),
    table: `HARDWARE_CONFIG_${hardwareClass.toUpperCase()}`,
    attributes: { ...onHostAttributes, ...attributesOf(general, "i"), ...attributesOf(individual, "i") },
    columnOrder: ["hostId", "firstseen", "lastseen", "state", ...individual.map(({ Opsi }) => Opsi)],
    identOrder: ["hostId", "hardwareClass", ...alphabetical(values)],
  };
}

const moment = "timestamp not null default current_timestamp";
const onHostAttributes = {
  firstseen: { rule: rule.opsiTimestamp, sql: moment, initial: () => timestamp() },
  lastseen: { rule: rule.opsiTimestamp, sql: moment, initial: () => timestamp() },
  state: { rule: rule.auditState, sql: "tinyint default 1", initial: () => 1 },
  hostId: { rule: rule.hostId, sql: "varchar(255)", ident: true },
  hardwareClass: hardwareClassAttribute,
} as const satisfies Record<string, Attribute>;

/** What the types of all hardware classes have in common. */
function hardwareType(name: HardwareTypeName, values: readonly HardwareValue[]) {
  const prefix = name === "AuditHardware" ? "auditHardware" : "auditHardwareOnHost";
  const fixed = name === "AuditHardware" ? [] : ["hostId"];
  const seen = name === "AuditHardware" ? [] : ["firstseen", "lastseen", "state"];
  return {
    name,
    base: null,
    prefix,
    singular: prefix,
    plural: `${prefix}s`,
    typeColumn: false,
    parameters: [...fixed, "hardwareClass", ...seen, ...values.map(({ Opsi }) => Opsi)],
  } as const;
}

/** Columns of the other table have no column here: scope `i` types read `g` attributes through a join. */
function attributesOf(values: readonly HardwareValue[], scope: "g" | "i"): Record<string, Attribute> {
  return Object.fromEntries(
    values.map((value) => [value.Opsi, { rule: valueRule(value), sql: value.Scope === scope ? value.Type : null }]),
  );
}

function alphabetical(values: readonly HardwareValue[]): string[] {
  return values.map(({ Opsi }) => Opsi).sort(compareText);
}

/** A class that nobody has configured: every attribute is kept, texts without outer blanks. */
export function unknownType(name: HardwareTypeName, hardwareClass: string, hash: Record<string, unknown>): ObjectType {
  const known = new Set([
    "type",
    "hardwareClass",
    "__proto__",
    ...(name === "AuditHardware" ? [] : Object.keys(onHostAttributes)),
  ]);
  const names = Object.keys(hash).filter((key) => !known.has(key));
  const values = names.map(
    (Opsi): HardwareValue => ({ Opsi, Type: "any", Scope: name === "AuditHardware" ? "g" : "i" }),
  );
  return name === "AuditHardware" ? deviceType(hardwareClass, values) : onHostType(hardwareClass, values);
}

const hexadecimalIds: Readonly<Record<string, Rule>> = {
  vendorId: rule.hardwareVendorId,
  subsystemVendorId: rule.hardwareVendorId,
  deviceId: rule.hardwareDeviceId,
  subsystemDeviceId: rule.hardwareDeviceId,
};

function valueRule({ Opsi, Type }: HardwareValue): Rule {
  const converted = typeRule(Opsi, Type);
  const id = hexadecimalIds[Opsi];
  if (id === undefined) return converted;
  return {
    ...id,
    coerce(value) {
      const text = converted.coerce(value);
      return text === null || text === "" ? text : id.coerce(text);
    },
  };
}

function typeRule(attribute: string, type: string): Rule {
  const length = /^varchar\((\d+)\)$/i.exec(type)?.[1];
  if (length !== undefined) return textRule(Number(length));
  if (/int/i.test(type)) return { name: "int", control: "integer", coerce: (value) => orNull(() => toInteger(value)) };
  if (/^double/i.test(type)) return { name: "float", control: "float", coerce: (value) => orNull(() => finite(value)) };
  if (/^text/i.test(type)) return textRule(Number.POSITIVE_INFINITY);
  if (type === "any") {
    return { name: "any", control: "text", coerce: (value) => (typeof value === "string" ? strip(value) : value) };
  }
  throw badConfiguration(`Attribute '${attribute}' of a hardware class has the unknown type '${type}'`);
}

function textRule(length: number): Rule {
  return {
    name: "string",
    control: "text",
    coerce: (value) => strip(firstCharacters(strip(pythonString(value)), length)),
  };
}

/** JSON has no word for infinity. */
function finite(value: unknown): number | null {
  const number = toFloat(value);
  return Number.isFinite(number) ? number : null;
}

export function badConfiguration(text: string): OpsiError {
  return new OpsiError("BackendConfigurationError", text);
}
