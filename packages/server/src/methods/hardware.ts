import {
  forceList,
  type HardwareTypeName,
  isHash,
  isOpsiObject,
  OpsiError,
  type OpsiObject,
  pythonRepr,
  rule,
} from "@opsi-ts/model";
import { ProtectedHardware } from "../access-control/protected-hardware.ts";
import type { Filter, HardwareForm, WriteMode } from "../backends/storage.ts";
import { Turn } from "../backends/turn.ts";
import { hostIds, isEmpty } from "./arguments.ts";
import { type Call, type Method, parameter, parameters } from "./declare.ts";

/*
 * Methods of AuditHardware and AuditHardwareOnHost. They look like those of the other types and differ in much: each
 * class has attributes of its own, and filters that a class does not know are no errors. (objects 6.14)
 */

/** The hardware of the site as the caller may see and change it. */
export const protectedHardware = ({ storage, site, ...caller }: Call): ProtectedHardware =>
  new ProtectedHardware(storage, site.hardware.types, caller);

/** @throws ValueError, TypeError for what is no hardware */
function hardwareObject({ site }: Call, name: HardwareTypeName, value: unknown): OpsiObject {
  if (isOpsiObject(value)) {
    if (value.type === name) return value;
  } else if (isHash(value)) {
    return site.hardware.types.fromHash(name, value);
  }
  throw new OpsiError("ValueError", `${pythonRepr(value)} is not a <class 'opsicommon.objects.${name}'>`);
}

async function hardwareObjects(call: Call, name: HardwareTypeName, given: unknown): Promise<OpsiObject[]> {
  const objects: OpsiObject[] = [];
  const turn = new Turn();
  for (const value of forceList(given)) {
    objects.push(hardwareObject(call, name, value));
    if (turn.isOver) await turn.pass();
  }
  return objects;
}

const identForms: Readonly<Record<string, HardwareForm>> = {
  str: "str",
  unicode: "str",
  dict: "dict",
  hash: "dict",
  list: "list",
  tuple: "list",
};

/** @throws ValueError for a form that nobody knows */
function identForm(returnType: unknown): HardwareForm {
  const form = isEmpty(returnType) ? "str" : identForms[String(returnType)];
  if (form !== undefined) return form;
  throw new OpsiError("ValueError", `Invalid ident type ${pythonRepr(returnType)}`, { field: "returnType" });
}

function readMethods(name: HardwareTypeName, prefix: string): Method[] {
  const attributes = parameters("attributes=None");
  return [
    {
      name: `${prefix}_getObjects`,
      doc: `Objects of type ${name} that match the filter; always with all attributes.`,
      parameters: attributes,
      result: `list[${name}]`,
      keywords: "filter",
      access: "objects",
      run: (call, _attributes, filter) => protectedHardware(call).readJson(name, filter as Filter, "object"),
    },
    {
      name: `${prefix}_getHashes`,
      doc: `Rows of the hardware tables that match the filter.`,
      parameters: attributes,
      result: "list[dict]",
      keywords: "filter",
      access: "objects",
      deprecated: true,
      alternative: `${prefix}_getObjects`,
      run: (call, selected, filter) =>
        protectedHardware(call).readJson(name, filter as Filter, isEmpty(selected) ? "row" : "selected"),
    },
    {
      name: `${prefix}_getIdents`,
      doc: "What identifies the models of the devices that match the filter.",
      parameters: parameters("returnType='str'"),
      result: "list",
      keywords: "filter",
      access: "objects",
      run: (call, returnType, filter) =>
        protectedHardware(call).readJson(name, filter as Filter, identForm(returnType)),
    },
  ];
}

const writeVerbs: readonly { verb: string; mode: WriteMode; list: boolean; doc: string }[] = [
  { verb: "insertObject", mode: "insert", list: false, doc: "Stores hardware that was found." },
  { verb: "updateObject", mode: "update", list: false, doc: "Notes when known hardware was seen." },
  { verb: "createObjects", mode: "insert", list: true, doc: "Stores hardware that was found, all or nothing." },
  { verb: "updateObjects", mode: "merge", list: true, doc: "Stores hardware that was found, all or nothing." },
];

function writeMethods(name: HardwareTypeName, prefix: string): Method[] {
  const methods = writeVerbs.map(
    ({ verb, mode, list, doc }): Method => ({
      name: `${prefix}_${verb}`,
      doc,
      parameters: [parameter(list ? `${prefix}s` : prefix, {}, list ? `list[${name}]` : name)],
      access: "objects",
      run: async (call, given) => {
        const objects = await hardwareObjects(call, name, given);
        if (objects.length > 0) await protectedHardware(call).write(name, objects, mode, verb);
        return null;
      },
    }),
  );
  const deleteObjects: Method = {
    name: `${prefix}_deleteObjects`,
    doc: "Deletes hardware; what does not exist is ignored.",
    parameters: [parameter(`${prefix}s`, {}, `list[${name}]`)],
    access: "objects",
    run: async (call, given) => {
      if (!isEmpty(given)) await protectedHardware(call).remove(name, await hardwareObjects(call, name, given));
      return null;
    },
  };
  return [...methods, deleteObjects];
}

/** The named values and further attributes as one hash. */
function valuesOf(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const further = values.at(names.length) as Record<string, unknown>;
  return { ...further, ...Object.fromEntries(names.map((key, index) => [key, values[index]])) };
}

/** Attributes for create and delete; all further ones are named arguments. */
const ownParameters: Readonly<Record<HardwareTypeName, string>> = {
  AuditHardware: "hardwareClass",
  AuditHardwareOnHost: "hostId hardwareClass firstseen=None lastseen=None state=None",
};

function attributeMethods(name: HardwareTypeName, prefix: string): Method[] {
  const declared = parameters(ownParameters[name]);
  const names = declared.map((parameter) => parameter.name);
  return [
    {
      name: `${prefix}_create`,
      doc: `Stores an object of type ${name} with the given attributes.`,
      parameters: declared,
      keywords: "kwargs",
      access: "objects",
      run: async (call, ...values) => {
        const object = hardwareObject(call, name, valuesOf(names, values));
        await protectedHardware(call).write(name, [object], "insert", "createObjects");
        return null;
      },
    },
    {
      name: `${prefix}_delete`,
      doc: "Deletes the hardware that matches all given values; lists and wildcards are possible, null means any.",
      parameters: declared,
      keywords: "kwargs",
      access: "objects",
      run: async (call, ...values) => {
        const given = Object.entries(valuesOf(names, values));
        const filter = given.filter(([key, value]) => value !== null || !names.includes(key));
        await protectedHardware(call).removeMatching(name, Object.fromEntries(filter));
        return null;
      },
    },
  ];
}

async function setObsolete(call: Call, hostId: unknown): Promise<null> {
  const ids = hostIds(hostId);
  await protectedHardware(call).removeOfHosts(ids);
  return null;
}

const describe = ({ site }: Call, language: unknown) =>
  site.hardware.describe(language === null || language === "" ? "en" : rule.languageCode.coerce(language));

/** (objects 6.14, methods 13, inventory 2.3) */
export const hardwareMethods: readonly Method[] = [
  ...(["AuditHardware", "AuditHardwareOnHost"] as const).flatMap((name) => {
    const prefix = name === "AuditHardware" ? "auditHardware" : "auditHardwareOnHost";
    return [...readMethods(name, prefix), ...writeMethods(name, prefix), ...attributeMethods(name, prefix)];
  }),
  {
    name: "auditHardwareOnHost_setObsolete",
    doc: "Deletes the hardware of a host: a new inventory is about to be stored.",
    parameters: parameters("hostId"),
    access: "objects",
    run: setObsolete,
  },
  {
    name: "auditHardware_getConfig",
    doc: "The hardware classes, their attributes and where collectors find the values.",
    parameters: parameters("language=None"),
    result: "list[dict]",
    access: "name",
    run: describe,
  },
  {
    name: "getOpsiHWAuditConf",
    doc: "The hardware classes, their attributes and where collectors find the values.",
    parameters: parameters("locale=None"),
    result: "list[dict]",
    access: "objects",
    deprecated: true,
    alternative: "auditHardware_getConfig",
    run: (call, locale) => {
      call.access.check("auditHardware_getConfig", call.session);
      return describe(call, locale);
    },
  },
];
