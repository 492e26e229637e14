import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HardwareTypes, hardwareLabel } from "./audit-hardware.ts";
import { defaultHardwareClasses, defaultHardwareTypes } from "./default-hardware-classes.ts";
import { isOpsiError } from "./errors.ts";
import type { HardwareClass, HardwareTypeName } from "./hardware-object-type.ts";
import { identString, toHash } from "./object.ts";

const hardware = defaultHardwareTypes;
const onHost = { hostId: "PC1.example.org", hardwareClass: "PROCESSOR" };

describe("inheritance", () => {
  const namesOf = (hardwareClass: string) => hardware.values(hardwareClass)?.map(({ Opsi }) => Opsi);

  test("own values take the place of inherited ones", () => {
    expect(namesOf("BIOS")).toEqual(["name", "description", "vendor", "model", "serialNumber", "version"]);
    expect(hardware.values("COMPUTER_SYSTEM")?.[0]).toMatchObject({ Opsi: "name", Scope: "i" });
  });

  test("the last super class stands in front", () => {
    expect(namesOf("HDAUDIO_DEVICE")?.slice(0, 2)).toEqual(["deviceType", "vendorId"]);
    expect(namesOf("PCI_DEVICE")?.at(0)).toBe("name");
  });

  test("virtual classes have no types", () => {
    expect(hardware.classNames).toHaveLength(32);
    expect(hardware.type("AuditHardware", "DRIVE")).toBeNull();
  });

  test.each<[string, HardwareClass[], string]>([
    ["unknown super class", [entry("A", ["B"])], "Hardware class 'B' is not defined"],
    ["circle", [entry("A", ["B"]), entry("B", ["A"])], "Hardware class 'A' inherits from itself"],
    [
      "unknown type",
      [entry("A", [], [{ Opsi: "x", Type: "blob", Scope: "g" }])],
      "Attribute 'x' of a hardware class has the unknown type 'blob'",
    ],
  ])("%s is a configuration error", (_what, classes, message) => {
    expect(() => new HardwareTypes(classes)).toThrow(`Backend configuration error: ${message}`);
  });
});

describe("object types", () => {
  test("scope g belongs to the model, scope i to the piece", () => {
    const model = hardware.type("AuditHardware", "CHASSIS");
    expect(model).toMatchObject({
      table: "HARDWARE_DEVICE_CHASSIS",
      columnOrder: ["name", "description", "chassisType"],
    });
    const piece = hardware.type("AuditHardwareOnHost", "CHASSIS");
    expect(piece?.table).toBe("HARDWARE_CONFIG_CHASSIS");
    expect(piece?.attributes["chassisType"]?.sql).toBeNull();
    expect(piece?.attributes["serialNumber"]?.sql).toBe("varchar(50)");
  });
});

describe("fromHash", () => {
  test("orders keys by scope and the ident by the alphabet", () => {
    const bios = { hostId: "a.b.cc", hardwareClass: "BIOS", serialNumber: "S", version: "1", name: "N", vendor: "V" };
    const object = hardware.fromHash("AuditHardwareOnHost", bios);
    expect(Object.keys(toHash(object)).join()).toBe(
      "firstseen,lastseen,state,hostId,hardwareClass,name,description,vendor,model,serialNumber,version,type,ident",
    );
    expect(identString(object)).toBe("a.b.cc;BIOS;;;N;S;V;1");
    expect(identString(hardware.fromHash("AuditHardware", bios))).toBe("BIOS;;;N;V");
  });

  test("converts by the configured type", () => {
    const object = hardware.fromHash("AuditHardwareOnHost", {
      ...onHost,
      name: `  ${"n".repeat(99)} x `,
      description: 5,
      NumberOfCores: "four",
      numberoflogicalcores: "8",
      maxClockSpeed: 3.9,
      voltage: "1.25",
      extClock: Number.MAX_VALUE,
      foo: 1,
      ident: "x",
    });
    expect(object).toMatchObject({
      hostId: "pc1.example.org",
      name: "n".repeat(99),
      description: "5",
      NumberOfCores: null,
      NumberOfLogicalCores: 8,
      maxClockSpeed: 3,
      voltage: 1.25,
      state: null,
    });
    expect(object).not.toHaveProperty("foo");
  });

  test("hardware ids are four hexadecimal digits", () => {
    const pci = { hardwareClass: "PCI_DEVICE", vendorId: "15b7", deviceId: "", subsystemVendorId: null };
    expect(hardware.fromHash("AuditHardware", pci)).toMatchObject({
      vendorId: "15B7",
      deviceId: "",
      subsystemVendorId: null,
    });
    expect(() => hardware.fromHash("AuditHardware", { ...pci, vendorId: "schlecht" })).toThrow(
      "Bad hardware vendor id 'SCHL'",
    );
  });

  test.each<[HardwareTypeName, object, string]>([
    ["AuditHardware", {}, "AuditHardware.__init__() missing 1 required positional argument: 'hardwareClass'"],
    [
      "AuditHardwareOnHost",
      {},
      "AuditHardwareOnHost.__init__() missing 2 required positional arguments: 'hostId' and 'hardwareClass'",
    ],
  ])("%s of %j lacks arguments", (name, hash, message) => {
    expect(() => hardware.fromHash(name, { ...hash })).toThrow(
      expect.objectContaining({ class: "TypeError", message }),
    );
  });

  test("a class that is not configured keeps all attributes", () => {
    const object = hardware.fromHash("AuditHardware", { hardwareClass: "ROBOT", arms: 2, name: " R2 " });
    expect(toHash(object)).toEqual({
      hardwareClass: "ROBOT",
      arms: 2,
      name: "R2",
      type: "AuditHardware",
      ident: "ROBOT;2;R2",
    });
  });

  test("any JSON gives an object or a typed error", () => {
    const keys = fc.constantFrom(
      "hostId",
      "hardwareClass",
      "name",
      "vendorId",
      "state",
      "voltage",
      "__proto__",
      "type",
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), fc.constantFrom(...hardware.classNames, "x"), (hash, name) => {
        try {
          hardware.fromHash("AuditHardwareOnHost", { hardwareClass: name, ...hash });
        } catch (error) {
          if (!isOpsiError(error)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("describe", () => {
  test("lists the structural classes without their ancestry, with labels of the language", () => {
    const texts = new Map([
      ["BIOS", "Startprogramm"],
      ["BASIC_INFO.name", "Bezeichnung"],
      ["BIOS.version", "Fassung"],
    ]);
    const descriptions = hardware.describe((key) => texts.get(key));
    expect(descriptions.map(({ Class }) => Class.Opsi)).toEqual(hardware.classNames);
    const bios = descriptions.find(({ Class }) => Class.Opsi === "BIOS");
    expect(bios?.Class).toEqual({
      Opsi: "BIOS",
      WMI: "select * from Win32_BIOS",
      Linux: "[lshw]memory:^firmware",
      OSX: "[profiler]Hardware",
      UI: "Startprogramm",
    });
    expect(bios?.Values.map(({ UI }) => UI)).toEqual([
      "Bezeichnung",
      "Description",
      "Vendor",
      "Model",
      "Serial number",
      "Fassung",
    ]);
  });

  test.each([
    ["BASE_BOARD", "Base board"],
    ["1394_CONTROLLER", "1394 controller"],
    ["systemUUID", "System UUID"],
    ["subsystemVendorId", "Subsystem vendor ID"],
  ])("the label of %s is %s", (name, label) => {
    expect(hardwareLabel(name)).toBe(label);
  });
});

test("the default classes are complete", () => {
  expect(defaultHardwareClasses).toHaveLength(37);
  expect(hardware.classNames.slice(0, 3)).toEqual(["COMPUTER_SYSTEM", "CHASSIS", "BASE_BOARD"]);
});

function entry(Opsi: string, Super: string[], Values: HardwareClass["Values"] = []): HardwareClass {
  return { Class: { Opsi, Type: "STRUCTURAL", Super }, Values };
}
