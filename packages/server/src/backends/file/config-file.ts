import { BoolConfig, Config, fromHash, UnicodeConfig } from "@opsi-ts/model";
import type { Change, Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";
import { type OptionMap, readOptions, writeOptions } from "./option-map.ts";

/*
 * config.ini: a section for each config. (storage 5.3, 5.4)
 */

const options = (section: string): OptionMap => ({
  description: { section, option: "description" },
  editable: { section, option: "editable", json: true },
  multiValue: { section, option: "multivalue", json: true },
  possibleValues: { section, option: "possiblevalues", json: true },
  defaultValues: { section, option: "defaultvalues", json: true },
});

export function readConfigFile(document: IniDocument, contents: Contents): void {
  for (const section of document.sections) {
    contents.add(0, () => {
      const hash = readOptions(document, Config, options(section));
      const type = isBool(hash, document.text(section, "type")) ? BoolConfig : UnicodeConfig;
      return fromHash(type, { ...hash, id: section });
    });
  }
}

/** The values decide; what is written as the type counts where there are none. */
function isBool({ possibleValues, editable, multiValue }: Record<string, unknown>, type: string | null): boolean {
  if (!Array.isArray(possibleValues) || possibleValues.length === 0) return type === BoolConfig.name;
  const isEitherWay = possibleValues.length === 2 && possibleValues.includes(true) && possibleValues.includes(false);
  return isEitherWay && !editable && !multiValue;
}

export function changeConfigFile(document: IniDocument, changes: readonly Change[]): void {
  for (const { ident, object } of changes) {
    const section = document.sectionNamed(String(ident["id"]));
    if (object) {
      document.setText(section, "type", object.type);
      writeOptions(document, object, options(section));
    } else document.removeSection(section);
  }
}
