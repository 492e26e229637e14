import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  defaultHardwareTypes,
  type HardwareClass,
  type HardwareClassDescription,
  HardwareTypes,
  isOpsiError,
  OpsiError,
} from "@opsi-ts/model";
import { isRecord } from "./is-record.ts";
import { readPythonFile } from "./read-python-file.ts";

/** Languages of which the description is kept. */
const rememberedLanguages = 10;

/** The hardware classes of a site and their names in the languages of people. (inventory 2) */
export class HardwareCatalog {
  readonly types: HardwareTypes;
  readonly #locales: string;
  readonly #described = new Map<string, HardwareClassDescription[]>();

  private constructor(types: HardwareTypes, locales: string) {
    this.types = types;
    this.#locales = locales;
  }

  /**
   * @param configuration the folder with `hwaudit`; the classes that opsi ships are taken where it has no file
   * @throws BackendConfigurationError for a file that makes no sense
   */
  static read(configuration: string): HardwareCatalog {
    const folder = join(configuration, "hwaudit");
    const path = join(folder, "opsihwaudit.conf");
    const types = existsSync(path) ? readTypes(path) : defaultHardwareTypes;
    return new HardwareCatalog(types, join(folder, "locales"));
  }

  /** @param language as `en` or `de-AT`; without a translation of it that of `de`, else English */
  describe(language: string): HardwareClassDescription[] {
    let description = this.#described.get(language);
    if (!description) {
      const texts = this.#texts(language);
      description = this.types.describe((key) => texts.get(key));
      if (this.#described.size < rememberedLanguages) this.#described.set(language, description);
    }
    return description;
  }

  #texts(language: string): ReadonlyMap<string, string> {
    const [base = "", ...regions] = language.split(/[-_]/);
    const region = regions.at(-1)?.toUpperCase() ?? base.toUpperCase();
    const names = regions.length > 0 ? [`${base}_${region}`, base] : [base, `${base}_${region}`];
    for (const name of [...names, "en"]) {
      const path = join(this.#locales, `hwaudit_${name}.properties`);
      if (existsSync(path)) return readProperties(readFileSync(path, "utf8"));
    }
    return new Map();
  }
}

/** Lines `CLASS = text` and `CLASS.attribute = text`. */
function readProperties(text: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([^;#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) texts.set(key, value);
  }
  return texts;
}

function readTypes(path: string): HardwareTypes {
  const bad = (what: string) => new OpsiError("BackendConfigurationError", `${path}: ${what}`);
  try {
    const classes = readPythonFile(path).get("OPSI_HARDWARE_CLASSES");
    if (!Array.isArray(classes)) throw bad("no list OPSI_HARDWARE_CLASSES");
    const declarations = classes.map((entry, index) => {
      if (!isHardwareClass(entry)) throw bad(`entry ${index + 1} is no hardware class`);
      return entry;
    });
    return new HardwareTypes(declarations);
  } catch (error) {
    if (!isOpsiError(error) || error.message.includes(path)) throw error;
    throw bad(error.message);
  }
}

function isHardwareClass(entry: unknown): entry is HardwareClass {
  if (!isRecord(entry) || !isRecord(entry["Class"]) || !Array.isArray(entry["Values"])) return false;
  const { Opsi, Type, Super = [] } = entry["Class"];
  // Names become names of tables and columns.
  if (typeof Opsi !== "string" || !/^\w+$/.test(Opsi) || (Type !== "VIRTUAL" && Type !== "STRUCTURAL")) return false;
  if (!Array.isArray(Super)) return false;
  return entry["Values"].every(
    (value) =>
      isRecord(value) &&
      typeof value["Opsi"] === "string" &&
      /^\w+$/.test(value["Opsi"]) &&
      typeof value["Type"] === "string" &&
      (value["Scope"] === "g" || value["Scope"] === "i"),
  );
}
