import {
  badConfiguration,
  deviceType,
  type HardwareClass,
  type HardwareSources,
  type HardwareTypeName,
  type HardwareValue,
  onHostType,
  unknownType,
} from "./hardware-object-type.ts";
import { makeObject, missingArguments, type OpsiObject } from "./object.ts";
import type { ObjectType } from "./object-type.ts";
import { pythonString } from "./python-repr.ts";

/*
 * Hardware inventory: the classes and their attributes come from a configuration list, not from a declaration in
 * code. (objects §2.24, 2.25, 6.14; inventory §2)
 */

/** An entry of the answer of auditHardware_getConfig. */
export interface HardwareClassDescription {
  readonly Class: HardwareSources & { readonly Opsi: string; readonly UI: string };
  readonly Values: readonly (HardwareValue & { readonly UI: string })[];
}

/**
 * The object types of a configuration list.
 *
 *     const hardware = new HardwareTypes(defaultHardwareClasses);
 *     hardware.fromHash("AuditHardware", { hardwareClass: "BIOS", name: "B" });
 */
export class HardwareTypes {
  readonly #values = new Map<string, readonly HardwareValue[]>();
  readonly #types: Readonly<Record<HardwareTypeName, ReadonlyMap<string, ObjectType>>>;
  readonly #declarations: ReadonlyMap<string, HardwareClass>;

  constructor(declarations: readonly HardwareClass[]) {
    this.#declarations = new Map(declarations.map((entry) => [entry.Class.Opsi, entry]));
    for (const { Class } of declarations) {
      if (Class.Type === "STRUCTURAL") this.#values.set(Class.Opsi, this.#expand(Class.Opsi, []));
    }
    this.#types = {
      AuditHardware: new Map([...this.#values].map(([name, values]) => [name, deviceType(name, values)])),
      AuditHardwareOnHost: new Map([...this.#values].map(([name, values]) => [name, onHostType(name, values)])),
    };
  }

  /** The names of the structural classes in the order of the configuration. */
  get classNames(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The attributes of a class, inherited ones included; null when the class is not configured. */
  values(hardwareClass: string): readonly HardwareValue[] | null {
    return this.#values.get(hardwareClass) ?? null;
  }

  /** AuditHardware (table HARDWARE_DEVICE_…) or AuditHardwareOnHost (HARDWARE_CONFIG_…) of one class. */
  type(name: HardwareTypeName, hardwareClass: string): ObjectType | null {
    return this.#types[name].get(hardwareClass) ?? null;
  }

  /** Attributes that are not configured are dropped, numbers that are none become null. (objects §2.24) */
  fromHash(name: HardwareTypeName, hash: Record<string, unknown>): OpsiObject {
    const mandatory = name === "AuditHardware" ? ["hardwareClass"] : ["hostId", "hardwareClass"];
    const missing = mandatory.filter((key) => hash[key] === undefined);
    if (missing.length > 0) throw missingArguments(name, missing);
    const hardwareClass = pythonString(hash["hardwareClass"]);
    const type = this.type(name, hardwareClass) ?? unknownType(name, hardwareClass, hash);
    const object: Record<string, unknown> = {};
    for (const [key, attribute] of Object.entries(type.attributes)) {
      // Old collectors send names in lower case.
      const value = hash[key] ?? hash[key.toLowerCase()] ?? null;
      object[key] = value === null && !attribute.ident ? null : attribute.rule.coerce(value);
    }
    return makeObject(type, object);
  }

  /**
   * The structural classes with inherited attributes and labels. `translate` knows the keys `CLASS` and
   * `CLASS.attribute` of a language; what it does not know gets a label made from the name. (inventory §2.3)
   */
  describe(translate: (key: string) => string | undefined = () => undefined): HardwareClassDescription[] {
    return this.classNames.map((name) => {
      const { Type: _type, Super: _super, ...description } = this.#declarations.get(name)?.Class ?? {};
      return {
        Class: { ...description, Opsi: name, UI: translate(name) ?? hardwareLabel(name) },
        Values: (this.values(name) ?? []).map((value) => ({ ...value, UI: this.#label(name, value.Opsi, translate) })),
      };
    });
  }

  #label(hardwareClass: string, attribute: string, translate: (key: string) => string | undefined): string {
    for (const ancestor of this.#lineage(hardwareClass)) {
      const text = translate(`${ancestor}.${attribute}`);
      if (text !== undefined) return text;
    }
    return hardwareLabel(attribute);
  }

  #lineage(hardwareClass: string): string[] {
    const parents = this.#declarations.get(hardwareClass)?.Class.Super ?? [];
    return [hardwareClass, ...parents.flatMap((parent) => this.#lineage(parent))];
  }

  /** The values of each super class go in front; an own value of the same name takes the inherited place. */
  #expand(name: string, path: readonly string[]): readonly HardwareValue[] {
    const declaration = this.#declarations.get(name);
    if (declaration === undefined) throw badConfiguration(`Hardware class '${name}' is not defined`);
    if (path.includes(name)) throw badConfiguration(`Hardware class '${name}' inherits from itself`);
    let values = declaration.Values;
    for (const parent of declaration.Class.Super ?? []) {
      const known = new Map(values.map((value) => [value.Opsi, value]));
      const inherited = this.#expand(parent, [...path, name]);
      const names = new Set(inherited.map((value) => value.Opsi));
      values = [
        ...inherited.map((value) => known.get(value.Opsi) ?? value),
        ...values.filter((value) => !names.has(value.Opsi)),
      ];
    }
    return values;
  }
}

/** A label for a name without translation: `serialNumber` is "Serial number", `BASE_BOARD` is "Base board". */
export function hardwareLabel(name: string): string {
  const words = name.includes("_") ? name.split("_") : name.split(/(?<=[a-z])(?=[A-Z])/);
  const text = words.map((word) => abbreviations.get(word.toLowerCase()) ?? word.toLowerCase()).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
const abbreviations = new Map(
  ["BIOS", "ID", "IDE", "IP", "MAC", "PCI", "PCMCIA", "RAM", "SCSI", "SKU", "TPM", "USB", "UUID"].map((word) => [
    word.toLowerCase(),
    word,
  ]),
);
