import {
  type Family,
  families,
  forceList,
  fromHash,
  identAttributes,
  isHash,
  isOpsiObject,
  type ObjectType,
  OpsiError,
  type OpsiObject,
  objectTypes,
  pythonRepr,
  requireObject,
} from "@opsi-ts/model";
import type { ProtectedStore } from "../access-control/protected-objects.ts";
import type { Filter, WriteMode } from "../backends/storage.ts";
import { Turn } from "../backends/turn.ts";
import { isEmpty } from "./arguments.ts";
import { type Method, parameter, parameters } from "./declare.ts";
import { attributeType } from "./parameter-types.ts";

/** `null`, `[]` and the empty text mean all attributes; a text is a list of its characters. (objects 5.2) */
function attributeNames(attributes: unknown): string[] {
  if (typeof attributes === "string") return [...attributes];
  if (Array.isArray(attributes)) return attributes.map(String);
  return typeof attributes === "object" && attributes !== null ? Object.keys(attributes) : [];
}

function readMethods(family: Family): Method[] {
  const { prefix, base } = family;
  const methods: Method[] = [
    {
      name: `${prefix}_getObjects`,
      doc: `Objects of type ${base.name} that match the filter.`,
      parameters: parameters("attributes=None"),
      result: `list[${base.name}]`,
      keywords: "filter",
      access: "objects",
      readsOnly: true,
      run: ({ objects }, attributes, filter) =>
        objects.readJson(family, attributeNames(attributes), filter as Filter, "object"),
    },
    {
      name: `${prefix}_getIdents`,
      doc: `Idents of the objects of type ${base.name} that match the filter.`,
      parameters: parameters("returnType='str'"),
      result: "list",
      keywords: "filter",
      access: "objects",
      readsOnly: true,
      run: async ({ objects }, returnType, filter) =>
        (await objects.readIdents(family, filter as Filter)).map((ident) => shapeIdent(ident, returnType)),
    },
  ];
  if (prefix === "user") return methods;
  return [
    ...methods,
    {
      name: `${prefix}_getHashes`,
      doc: `Hashes of the objects of type ${base.name} that match the filter.`,
      parameters: parameters("attributes=None"),
      result: "list[dict]",
      keywords: "filter",
      access: "objects",
      readsOnly: true,
      deprecated: true,
      alternative: `${prefix}_getObjects`,
      run: ({ objects }, attributes, filter) =>
        objects.readJson(family, attributeNames(attributes), filter as Filter, "hash"),
    },
  ];
}

/** @throws ValueError for a form that nobody knows (objects 5.3) */
function shapeIdent(ident: Record<string, unknown>, returnType: unknown): unknown {
  const empty = returnType === null || returnType === "" || (Array.isArray(returnType) && returnType.length === 0);
  switch (empty ? "str" : returnType) {
    case "str":
    case "unicode":
      return Object.values(ident)
        .map((value) => value ?? "")
        .join(";");
    case "dict":
    case "hash":
      return ident;
    case "list":
    case "tuple":
      return Object.values(ident);
    default:
      throw new OpsiError("ValueError", `Invalid ident type ${pythonRepr(returnType)}`);
  }
}

const writeVerbs: readonly { verb: string; mode: WriteMode; list: boolean; doc: string }[] = [
  { verb: "insertObject", mode: "insert", list: false, doc: "Creates or overwrites an object." },
  {
    verb: "updateObject",
    mode: "update",
    list: false,
    doc: "Updates an object that exists; null leaves a value as it is.",
  },
  { verb: "createObjects", mode: "insert", list: true, doc: "Creates or overwrites objects, all or none." },
  {
    verb: "updateObjects",
    mode: "merge",
    list: true,
    doc: "Updates or creates objects, all or none; null leaves a value as it is.",
  },
];

function writeMethods(family: Family): Method[] {
  const { prefix, base } = family;
  return writeVerbs.map(({ verb, mode, list, doc }) => ({
    name: `${prefix}_${verb}`,
    doc,
    parameters: [list ? parameter(base.plural, {}, `list[${base.name}]`) : parameter(base.singular, {}, base.name)],
    access: "objects",
    run: async ({ access, session, objects }, given) => {
      // Who may not write hears that, not what is wrong with the object.
      if (!list || !isEmpty(given)) access.check(`${prefix}_${verb}`, session);
      const options = prefix === "licensePool" && verb === "updateObject" ? { typeRequired: true } : {};
      const written: OpsiObject[] = [];
      const turn = new Turn();
      for (const value of list ? forceList(given) : [given]) {
        const object = requireObject(value, base, options);
        if (!list || prefix !== "configState" || hasValue(object)) written.push(object);
        if (turn.isOver) await turn.pass();
      }
      if (written.length > 0) await objects.write(family, written, mode, verb);
      return null;
    },
  }));
}

/** A state whose only value is null says nothing and is skipped. (objects 4.1) */
function hasValue({ values }: OpsiObject): boolean {
  return !(Array.isArray(values) && values.length === 1 && values[0] === null);
}

/** Types with a create method of their own: the method's suffix. (objects 9) */
const typedCreates: Readonly<Record<string, string>> = {
  OpsiClient: "createOpsiClient",
  OpsiDepotserver: "createOpsiDepotserver",
  OpsiConfigserver: "createOpsiConfigserver",
  UnicodeConfig: "createUnicode",
  BoolConfig: "createBool",
  HostGroup: "createHostGroup",
  UnicodeProductProperty: "createUnicode",
  BoolProductProperty: "createBool",
  RetailSoftwareLicense: "createRetail",
  OEMSoftwareLicense: "createOEM",
  VolumeSoftwareLicense: "createVolume",
  ConcurrentSoftwareLicense: "createConcurrent",
};

/** Families without `X_create`. */
const withoutCreate = new Set(["host", "group", "product", "user", "softwareLicense"]);

function createMethods(family: Family): Method[] {
  const methods = family.types
    .filter(({ name }) => Object.hasOwn(typedCreates, name))
    .map((type) => createMethod(family, type, typedCreates[type.name] ?? "create"));
  return withoutCreate.has(family.prefix) ? methods : [...methods, createMethod(family, family.base, "create")];
}

function createMethod(family: Family, type: ObjectType, verb: string): Method {
  const mandatory = new Set(identAttributes(type));
  if (type.name === "ProductDependency") mandatory.delete("requiredProductId");
  const names = type.createParameters ?? type.parameters;
  return {
    name: `${family.prefix}_${verb}`,
    doc: `Creates or overwrites an object of type ${type.name}.`,
    parameters: names.map((name) =>
      mandatory.has(name)
        ? parameter(name, {}, attributeType(type, name))
        : parameter(name, { initial: null }, `${attributeType(type, name)} | None`),
    ),
    access: "objects",
    run: async ({ objects }, ...values) => {
      const hash: Record<string, unknown> = {};
      for (const [index, name] of names.entries()) hash[name] = values[index];
      await objects.write(family, [createObject(type, hash)], "insert", "createObjects");
      return null;
    },
  };
}

function createObject(type: ObjectType, hash: Record<string, unknown>): OpsiObject {
  const named = hash["type"];
  const chosen = typeof named === "string" ? (objectTypes.get(named) ?? type) : type;
  return fromHash(chosen, hash);
}

/** Parameters of `X_delete` where they are not the ident attributes in their order. (objects 9) */
const deleteParameters: Readonly<Record<string, string>> = {
  product: "id",
  softwareLicense: "id",
  productOnDepot: "productId depotId productType=None productVersion=None packageVersion=None",
  productOnClient: "productId clientId productType=None",
};

function deleteMethods(family: Family): Method[] {
  const { prefix, base } = family;
  const deleteObjects: Method = {
    name: `${prefix}_deleteObjects`,
    doc: "Deletes objects and what belongs to them; what does not exist is ignored.",
    parameters: [parameter(base.plural, {}, `list[${base.name}]`)],
    access: "objects",
    run: async (call, given) => {
      if (!isEmpty(given))
        await call.objects.remove(
          family,
          forceList(given).map((value) => givenIdent(family, value)),
        );
      return null;
    },
  };
  // Not callable in the original either: one could delete one's software by mistake, setObsolete is meant.
  if (prefix === "auditSoftwareOnClient") return [deleteObjects];
  const declared = parameters(deleteParameters[prefix] ?? identAttributes(base).join(" ")).map((each) => ({
    ...each,
    annotation: "str | list[str] | None",
  }));
  return [
    deleteObjects,
    {
      name: `${prefix}_delete`,
      doc: "Deletes the objects that match all given values; lists and wildcards are possible, null means any.",
      parameters: declared,
      access: "objects",
      run: async (call, ...values) => {
        const filter = Object.fromEntries(declared.map(({ name }, index) => [name, values[index]]));
        await deleteMatching(call.objects, family, filter);
        return null;
      },
    },
  ];
}

/** Deletes what a filter finds, with the rights of the caller for both. */
export async function deleteMatching(objects: ProtectedStore, family: Family, filter: Filter): Promise<void> {
  const idents = await objects.readIdents(family, filter);
  if (idents.length > 0) await objects.remove(family, idents);
}

/** The ident attributes of what was passed: an object, or a hash that names them. (objects 4.2) */
function givenIdent(family: Family, value: unknown): Record<string, unknown> {
  const hash = isOpsiObject(value) ? value : deletableHash(family, value);
  return Object.fromEntries(identAttributes(family.base).map((name) => [name, hash[name] ?? null]));
}

function deletableHash(family: Family, value: unknown): Record<string, unknown> {
  if (isHash(value)) return value;
  throw new OpsiError("ValueError", `${pythonRepr(value)} is not a ${family.base.name}`);
}

/** The method families that every object type has. (objects 4) */
export const objectMethods: readonly Method[] = families.flatMap((family) => [
  ...readMethods(family),
  ...writeMethods(family),
  ...createMethods(family),
  ...deleteMethods(family),
]);
