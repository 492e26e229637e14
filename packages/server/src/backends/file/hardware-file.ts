import { type HardwareTypeName, type HardwareTypes, type OpsiObject, objectTypeOf } from "@opsi-ts/model";
import { Turn } from "../turn.ts";
import { Contents } from "./contents.ts";
import type { IniDocument } from "./ini-document.ts";

/*
 * audit/global.hw and audit/HOST.hw: numbered sections, attributes in lower case. (storage 5.6)
 */

const prefix = "hardware_";

function* hardwareSections(document: IniDocument): Iterable<string> {
  for (const section of document.sections) if (section.startsWith(prefix)) yield section;
}

/** What a section says besides its identity. */
const seen = ["firstseen", "lastseen", "state"];

/** @param hostId empty for the list of the whole site */
function hardwareOf(document: IniDocument, section: string, hostId: string, types: HardwareTypes): OpsiObject {
  const hash: Record<string, unknown> = {};
  for (const option of document.options(section)) {
    const text = document.text(section, option);
    if (text !== "" || !seen.includes(option)) hash[option] = text; // the original writes what is unset as empty
  }
  const hardwareClass = hash["hardwareclass"];
  return types.fromHash(typeName(hostId), { ...hash, hardwareClass, ...(hostId && { hostId }) });
}

const typeName = (hostId: string): HardwareTypeName => (hostId === "" ? "AuditHardware" : "AuditHardwareOnHost");

export async function readHardwareFile(
  document: IniDocument,
  hostId: string,
  types: HardwareTypes,
  contents: Contents,
): Promise<void> {
  const turn = new Turn();
  for (const section of hardwareSections(document)) {
    if (turn.isOver) await turn.pass();
    contents.add(document.lineOf(section, "hardwareclass"), () => hardwareOf(document, section, hostId, types));
  }
}

/** Unlike its ident, this tells an unset text from an empty one. */
const identity = (object: OpsiObject) =>
  JSON.stringify(Object.entries(object).filter(([name]) => !seen.includes(name)));

/**
 * Sections of hardware that is not among the objects go, new ones get the lowest free numbers. What we do not
 * understand, also pieces of a class that is not configured any more, is not ours to remove.
 */
export async function replaceHardware(
  document: IniDocument,
  hostId: string,
  types: HardwareTypes,
  objects: readonly OpsiObject[],
): Promise<void> {
  const turn = new Turn();
  const given = objects.map((object) => types.fromHash(typeName(hostId), object));
  const wanted = Map.groupBy(given, identity); // two programs at once may have stored the same piece
  for (const section of [...hardwareSections(document)]) {
    if (turn.isOver) await turn.pass();
    const found = new Contents("");
    found.add(0, () => hardwareOf(document, section, hostId, types));
    const [known] = found.objects;
    if (!known || types.values(String(known["hardwareClass"])) === null) continue;
    const object = wanted.get(identity(known))?.shift();
    if (object) writeHardware(document, section, object, seen);
    else document.removeSection(section);
  }
  let number = 0;
  for (const object of [...wanted.values()].flat()) {
    if (turn.isOver) await turn.pass();
    while (document.has(`${prefix}${number}`)) number++;
    const names = Object.keys(object).filter((name) => name !== "type" && name !== "hostId");
    document.addSection(`${prefix}${number}`);
    writeHardware(document, `${prefix}${number}`, object, names);
  }
}

/**
 * An unset number is an empty option, as the original writes it. An unset text is left out, or it would be read as an
 * empty one, and the same piece be counted twice.
 */
function writeHardware(document: IniDocument, section: string, object: OpsiObject, names: readonly string[]): void {
  const { attributes } = objectTypeOf(object);
  for (const name of names) {
    const value = object[name] ?? null;
    const isNumber = /^(?:integer|float)$/.test(attributes[name]?.rule.control ?? "");
    if (value !== null || isNumber) document.setText(section, name.toLowerCase(), String(value ?? ""));
    else document.remove(section, name.toLowerCase());
  }
}
