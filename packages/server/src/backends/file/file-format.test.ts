import {
  defaultHardwareTypes,
  fromHash,
  identAttributes,
  isOpsiError,
  type OpsiObject,
  objectTypeOf,
  objectTypes,
} from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "./contents.ts";
import { changeFormat, readFormat } from "./file-format.ts";
import type { FileKind, SiteFile } from "./site-tree.ts";

const hostId = "pc1.example.org";
const surroundings = {
  hardware: defaultHardwareTypes,
  configserverId: "opsi.example.org",
  keys: new Map<string, string>(),
};
const fileOf = (kind: FileKind, id = ""): SiteFile => ({ path: `/x/${kind}`, kind, hostId: id });

/** What people write, and what a dialect of comments, quotes and escapes may stumble over. */
const piece = fc.oneof(
  fc.constantFrom(
    "\\",
    "\\n",
    ";",
    "#",
    "%%",
    '"',
    "'",
    " ",
    "\n",
    "\n\n ",
    "\r",
    "\t",
    "[x]",
    "=",
    ":",
    "ü",
    "\u2028",
    "\x85",
    "name: x",
    ";= [",
    "None",
  ),
  fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
const values = fc.array(text, { maxLength: 3 }).map((list) => [...new Set(list)].sort());

function object(hash: Record<string, unknown>): OpsiObject {
  const type = objectTypes.get(String(hash["type"]));
  if (!type) throw new Error(String(hash["type"]));
  return fromHash(type, hash);
}

const product = { productId: "p", productVersion: "1", packageVersion: "2" };
const software = { version: "1", subVersion: "", language: "", architecture: "x64" };

/** Objects of one file each, with texts in all places that hold any. */
const files: readonly (readonly [SiteFile, fc.Arbitrary<OpsiObject[]>])[] = [
  [
    fileOf("client", hostId),
    fc.tuple(text, text, values, values).map(([description, notes, config, property]) => [
      object({ type: "OpsiClient", id: hostId, description, notes, hardwareAddress: "02:00:00:00:00:01" }),
      object({ type: "ConfigState", configId: "c", objectId: hostId, values: config }),
      object({ type: "ProductPropertyState", productId: "p", propertyId: "q", objectId: hostId, values: property }),
      object({
        type: "ProductOnClient",
        productId: "p",
        productType: "LocalbootProduct",
        clientId: hostId,
        installationStatus: "installed",
        actionRequest: "none",
        actionProgress: description,
      }),
    ]),
  ],
  [
    fileOf("depot", hostId),
    fc.tuple(text, fc.boolean()).map(([notes, flag]) => [
      object({
        type: "OpsiDepotserver",
        id: hostId,
        notes,
        isMasterDepot: flag,
        depotLocalUrl: "file:///depot",
        maxBandwidth: 3,
      }),
      object({ type: "ProductOnDepot", ...product, productType: "NetbootProduct", depotId: hostId, locked: flag }),
    ]),
  ],
  [
    fileOf("configs"),
    fc.tuple(text, values, fc.boolean()).map(([description, possibleValues, flag]) => [
      object({
        type: "UnicodeConfig",
        id: "u",
        description,
        possibleValues,
        defaultValues: possibleValues.slice(1),
        editable: flag,
        multiValue: true,
      }),
      object({ type: "BoolConfig", id: "b", description, defaultValues: [flag] }),
    ]),
  ],
  [
    fileOf("hostGroups"),
    fc
      .tuple(text, text)
      .map(([description, notes]) => [
        object({ type: "HostGroup", id: "room 1", description, notes, parentGroupId: "rooms" }),
        object({ type: "ObjectToGroup", groupType: "HostGroup", groupId: "room 1", objectId: hostId }),
      ]),
  ],
  [
    fileOf("product"),
    fc.tuple(text, text, text, values).map(([description, advice, changelog, possibleValues]) => [
      object({
        type: "LocalbootProduct",
        id: "p",
        productVersion: "1",
        packageVersion: "2",
        name: "P",
        description,
        advice,
        changelog,
        licenseRequired: true,
        priority: 3,
        setupScript: "s",
        uninstallScript: "",
        updateScript: "",
        alwaysScript: "",
        onceScript: "",
        customScript: "",
        userLoginScript: "",
        productClassIds: [],
        windowsSoftwareIds: [],
      }),
      object({
        type: "UnicodeProductProperty",
        ...product,
        propertyId: "q",
        description,
        possibleValues,
        defaultValues: possibleValues.slice(1),
        editable: true,
        multiValue: true,
      }),
      object({ type: "BoolProductProperty", ...product, propertyId: "r", description, defaultValues: [true] }),
      object({
        type: "ProductDependency",
        ...product,
        productAction: "setup",
        requiredProductId: "o",
        requiredInstallationStatus: "installed",
        requirementType: "before",
      }),
    ]),
  ],
  [
    fileOf("clientSoftware", hostId),
    fc
      .tuple(text, text)
      .map(([name, uninstallString]) => [
        object({ type: "AuditSoftwareOnClient", ...software, name, uninstallString, clientId: hostId, state: 1 }),
      ]),
  ],
  [
    fileOf("hostHardware", hostId),
    fc.tuple(text, fc.option(fc.integer())).map(([vendor, totalPhysicalMemory]) => [
      defaultHardwareTypes.fromHash("AuditHardwareOnHost", {
        hostId,
        hardwareClass: "COMPUTER_SYSTEM",
        vendor,
        totalPhysicalMemory,
        state: 1,
      }),
    ]),
  ],
  [fileOf("furtherObjects"), text.map((partner) => [object({ type: "LicenseContract", id: "l", partner })])],
];

const prefixOf = ({ type }: OpsiObject) => objectTypes.get(type)?.prefix ?? "auditHardwareOnHost";
const changes = (objects: readonly OpsiObject[]): Change[] =>
  objects.map((each) => ({ prefix: prefixOf(each), ident: identOf(each), object: each }));
const identOf = (each: OpsiObject) =>
  Object.fromEntries(identAttributes(objectTypeOf(each)).map((name) => [name, each[name]]));
const sorted = (objects: readonly OpsiObject[]) => objects.map((each) => JSON.stringify(each)).sort();

test.each(files)(
  "what was written to $kind is read again, and written again changes nothing",
  async (file, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (objects) => {
        const writing = changeFormat(null, file, changes(objects), surroundings);
        // With it the file would be none of text, and everything in it lost to readers.
        if (file.kind === "product" && JSON.stringify(objects).includes("\\u0000")) {
          await expect(writing).rejects.toMatchObject({ class: "BackendBadValueError" });
          return;
        }
        const bytes = Buffer.from((await writing) ?? "");
        const { objects: again, problems } = await readFormat(bytes, file, surroundings);
        expect(problems).toEqual([]);
        expect(sorted(again)).toEqual(sorted(objects));
        expect(Buffer.from((await changeFormat(bytes, file, changes(objects), surroundings)) ?? "")).toEqual(bytes);
      }),
    );
  },
);

const line = fc.constantFrom(
  ...[
    "[info]",
    "[p-state]",
    "[p-install]",
    "[software_0]",
    "[hardware_0]",
    "[Product]",
    "[ProductProperty]",
    "[g]",
    "[ü/x]",
  ],
  ...["producttype = x", "producttype = LocalbootProduct", "q = [", "q = 1", "name: a", "id: p", "type: localboot"],
  ...["hardwareclass = COMPUTER_SYSTEM", "installsize = x", "created = x", "parentgroupid =", "version: ", "values: {"],
  ...['{"type":"User"}', "[", "]", ";= [", "\x85"],
);

test.each(files)("whatever stands in $kind: objects and problems, or a typed error", async (file) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join("\n"))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      try {
        const { objects } = await readFormat(given, file, surroundings);
        for (const each of objects) expect(prefixOf(each)).not.toBe("");
      } catch (error) {
        if (!isOpsiError(error)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test("pieces of hardware that differ only in an unset and an empty text are told apart", async () => {
  const file = fileOf("hostHardware", hostId);
  const [unset, empty] = [null, ""].map((serialNumber) =>
    defaultHardwareTypes.fromHash("AuditHardwareOnHost", { hostId, hardwareClass: "BIOS", name: "b", serialNumber }),
  ) as [OpsiObject, OpsiObject];
  const both = await changeFormat(null, file, changes([unset, empty]), surroundings);
  const one = await changeFormat(Buffer.from(both ?? ""), file, changes([empty]), surroundings);
  const { objects } = await readFormat(Buffer.from(one ?? ""), file, surroundings);
  expect(objects.map(({ serialNumber, state }) => [serialNumber, state])).toEqual([["", null]]);
});
