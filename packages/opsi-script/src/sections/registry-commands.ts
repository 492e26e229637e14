import { writeFileSync } from "node:fs";
import { EOL } from "node:os";
import { readLines } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { Cursor, stops } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { registryTypes } from "../platform/registry.ts";
import { registryText, registryTexts, textsValue, textValue } from "../platform/registry-values.ts";
import { equalIgnoringCase, toText, trim } from "../text/bytes.ts";
import { encode } from "../text/encodings.ts";
import { parseRegistryValue, untypedValue } from "./registry-value.ts";
import type { RegistryWork } from "./registry-work.ts";

/** The commands of opsi-script's own Registry sections (sections §8). */
export const registryCommands =
  (work: RegistryWork) =>
  (text: string): void => {
    const cursor = new Cursor(text);
    const command = cursor.word(stops.sectionWord).toLowerCase();
    switch (command) {
      case "openkey":
        work.open(key(cursor));
        return;
      case "set":
      case "add": {
        const name = cursor.sectionLiteral();
        cursor.expect("=");
        const value = parseRegistryValue(cursor.rest);
        if (command === "set") work.set(name, value);
        else work.add(name, value);
        return;
      }
      case "supp":
        changeList(work, cursor, (present, given) => [
          ...present,
          ...given.filter((one) => !present.some((other) => equalIgnoringCase(one, other))),
        ]);
        return;
      case "deletelistentries":
        changeList(work, cursor, (present, given) =>
          present.filter((one) => !given.some((other) => equalIgnoringCase(one, other))),
        );
        return;
      case "getmultiszfromfile":
        work.set(cursor.sectionLiteral(), textsValue(readLines(cursor.sectionLiteral(), "system")));
        return;
      case "savevaluetofile":
        saveValue(work, cursor.sectionLiteral(), cursor.sectionLiteral());
        return;
      case "deletevar":
        work.deleteValue(cursor.sectionLiteral());
        return;
      case "deleteallvars":
        work.deleteAllValues();
        return;
      case "deletekey":
        work.deleteKey(key(cursor));
        return;
      case "flushkey":
        work.flush();
        return;
      case "reconstructfrom":
        work.restore(expandPath(cursor.sectionLiteral()));
        return;
      case "copysecurityfrom":
        work.copySecurityFrom(key(cursor));
        return;
      default:
        throw new SyntaxProblem(`Unknown command: ${command}`);
    }
  };

/** A key in brackets; it may hold some itself. */
function key(cursor: Cursor): string {
  cursor.expect("[");
  const end = cursor.rest.lastIndexOf("]");
  if (end < 0) throw new SyntaxProblem('"]" expected');
  return trim(cursor.rest.slice(0, end));
}

/** `"name" SEPARATOR "a;b"`: the value keeps its type; a missing one is an empty list. */
function changeList(
  work: RegistryWork,
  cursor: Cursor,
  change: (present: readonly string[], given: readonly string[]) => readonly string[],
): void {
  const name = cursor.sectionLiteral();
  const separator = cursor.next;
  cursor.position++;
  cursor.skipBlanks();
  const split = (text: string) => text.split(separator).filter((one) => one !== "");
  const given = split(cursor.sectionLiteral());
  const value = work.read(name);
  const before = value === null ? "" : registryText(value);
  const after = change(split(before), given).join(separator);
  if (after === before) return;
  const keepsType = value?.type === registryTypes.text || value?.type === registryTypes.expandText;
  work.set(name, keepsType ? textValue(after, value.type) : untypedValue(after));
}

/** Each text of the value is a line of the file. */
function saveValue(work: RegistryWork, name: string, file: string): void {
  const value = work.read(name);
  if (value === null) {
    work.context.error(`Value "${name}" is not there`);
    return;
  }
  const lines = value.type === registryTypes.texts ? registryTexts(value) : [registryText(value)];
  writeFileSync(toText(expandPath(file)), encode(lines.map((line) => line + EOL).join(""), "system"));
}
