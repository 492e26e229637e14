import { AuditSoftware, AuditSoftwareOnClient, fromHash, type ObjectType } from "@opsi-ts/model";
import { Turn } from "../turn.ts";
import type { Change, Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";
import { inSection, type OptionMap, readOptions, writeOptions } from "./option-map.ts";

/*
 * audit/global.sw and audit/CLIENT.sw: numbered sections. (storage 5.6)
 */

const identity = ["name", "version", "subVersion", "language", "architecture"];
const prefix = "software_";

function optionsOf(type: ObjectType, section: string): OptionMap {
  const names = Object.keys(type.attributes).filter((name) => name !== "clientId");
  return inSection(section, names.join(" "));
}

function* softwareSections(document: IniDocument): Iterable<string> {
  for (const section of document.sections) if (section.startsWith(prefix)) yield section;
}

/** @param clientId empty for the list of the whole site */
export async function readSoftwareFile(document: IniDocument, clientId: string, contents: Contents): Promise<void> {
  const turn = new Turn();
  const type = clientId === "" ? AuditSoftware : AuditSoftwareOnClient;
  const absent = Object.fromEntries(identity.map((name) => [name, ""]));
  for (const section of softwareSections(document)) {
    if (turn.isOver) await turn.pass();
    contents.add(document.lineOf(section, "name"), () =>
      fromHash(type, {
        ...absent,
        ...readOptions(document, type, optionsOf(type, section)),
        ...(clientId && { clientId }),
      }),
    );
  }
}

/** Case does not count, as in the keys of the objects. */
const keyOf = (value: (name: string) => unknown) =>
  JSON.stringify(identity.map((name) => String(value(name) ?? "").toLowerCase()));

/** New entries get the numbers behind the highest one. */
export async function changeSoftwareFile(
  document: IniDocument,
  clientId: string,
  changes: readonly Change[],
): Promise<void> {
  const turn = new Turn();
  const type = clientId === "" ? AuditSoftware : AuditSoftwareOnClient;
  const known = new Map<string, string>();
  let highest = -1;
  for (const section of softwareSections(document)) {
    if (turn.isOver) await turn.pass();
    known.set(
      keyOf((name) => document.text(section, name.toLowerCase())),
      section,
    );
    const number = section.slice(prefix.length);
    if (/^\d{1,9}$/.test(number)) highest = Math.max(highest, Number(number));
  }
  for (const { ident, object } of changes) {
    if (turn.isOver) await turn.pass();
    const key = keyOf((name) => ident[name]);
    const section = known.get(key) ?? `${prefix}${++highest}`;
    if (object) {
      known.set(key, section);
      writeOptions(document, object, optionsOf(type, section));
      if (clientId !== "") {
        document.setText(section, "clientid", clientId);
        document.setText(section, "type", type.name);
      }
    } else document.removeSection(section);
  }
}
