import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HardwareCatalog } from "./hardware-catalog.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hardware-catalog-"));
  mkdirSync(join(folder, "hwaudit/locales"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const configure = (text: string) => writeFileSync(join(folder, "hwaudit/opsihwaudit.conf"), text);
const translate = (language: string, text: string) =>
  writeFileSync(join(folder, `hwaudit/locales/hwaudit_${language}.properties`), text);

const robots = `# -*- coding: utf-8 -*-
OPSI_HARDWARE_CLASSES = [
  { "Class": { "Type": "VIRTUAL", "Opsi": "BASE" },
    "Values": [ { "Type": "varchar(100)", "Scope": "g", "Opsi": "name" } ] },
  { "Class": { "Type": "STRUCTURAL", "Super": ["BASE"], "Opsi": "ROBOT", "WMI": "select * from 'x'" },
    "Values": [ { "Type": "int", "Scope": "i", "Opsi": "arms", "Unit": "A" }, ] },
]
`;

test("without a file there are the classes that opsi ships", () => {
  expect(HardwareCatalog.read(folder).types.classNames).toContain("COMPUTER_SYSTEM");
});

test("classes come from the file of the original", () => {
  configure(robots);
  const catalog = HardwareCatalog.read(folder);
  expect(catalog.types.classNames).toEqual(["ROBOT"]);
  expect(catalog.describe("en")).toEqual([
    {
      Class: { Opsi: "ROBOT", WMI: "select * from 'x'", UI: "Robot" },
      Values: [
        { Type: "varchar(100)", Scope: "g", Opsi: "name", UI: "Name" },
        { Type: "int", Scope: "i", Opsi: "arms", Unit: "A", UI: "Arms" },
      ],
    },
  ]);
});

test.each([
  ["de", "Roboter"],
  ["de-DE", "Roboter"],
  ["de-AT", "Roboter"],
  ["fr", "Automate"],
  ["it", "A robot"],
])("names of classes in %s", (language, name) => {
  configure(robots);
  translate("de", "; Kommentar\nROBOT = Roboter\nROBOT.arms=Arme\nBASE.name = Bezeichnung\n");
  translate("fr_FR", "ROBOT = Automate");
  translate("en", "ROBOT = A robot");
  const [robot] = HardwareCatalog.read(folder).describe(language);
  expect(robot?.Class.UI).toBe(name);
  if (name === "Roboter") expect(robot?.Values.map(({ UI }) => UI)).toEqual(["Bezeichnung", "Arme"]);
});

test.each([
  ["OPSI_HARDWARE_CLASSES = {}", "no list OPSI_HARDWARE_CLASSES"],
  ["OPSI_HARDWARE_CLASSES = [{}]", "entry 1 is no hardware class"],
  [robots.replace('"arms"', '"arms; DROP TABLE x"'), "entry 2 is no hardware class"],
  [robots.replace('["BASE"]', '["NOBODY"]'), "Hardware class 'NOBODY' is not defined"],
  ["import os", "Unexpected 'os' in line 1"],
])("a file that makes no sense is refused: %s", (text, message) => {
  configure(text);
  expect(() => HardwareCatalog.read(folder)).toThrow(message);
});
