import { SyntaxProblem } from "../language/problems.ts";
import { type RegistryValue, registryTypes } from "../platform/registry.ts";
import { numberValue, textsValue, textValue } from "../platform/registry-values.ts";
import { trim } from "../text/bytes.ts";
import { readBytes, readNumber } from "./registry-value.ts";
import type { RegistryWork } from "./registry-work.ts";

/** The types of AddReg sections in inf files by their numbers there. */
const types: ReadonlyMap<number, (values: readonly string[]) => RegistryValue> = new Map([
  [0x00000, ([text = ""]: readonly string[]) => textValue(text)],
  [0x20000, ([text = ""]: readonly string[]) => textValue(text, registryTypes.expandText)],
  [0x10000, (values: readonly string[]) => textsValue(values)],
  [0x10001, ([number = ""]: readonly string[]) => numberValue(readNumber(number))],
  [0x30001, (values: readonly string[]) => readBytes(values.join(" "))],
  [0x00001, (values: readonly string[]) => readBytes(values.join(" "))],
]);

/** Lines of an AddReg section: `HKLM,"key","name",type,value` (sections §8 `/AddReg`). */
export const addRegLines =
  (work: RegistryWork) =>
  (text: string): void => {
    const [root = "", key = "", name = "", type = "", ...values] = fields(text);
    work.open(`${root}\\${key}`);
    if (values.length === 0 && name === "") return; // only the key is wanted
    const read = types.get(Number(type === "" ? 0n : readNumber(type)));
    if (!read) throw new SyntaxProblem(`Unknown type: ${type}`);
    work.set(name, read(values));
  };

/** Fields between commas; in quotes, a comma is text and a doubled quote is one. */
function fields(text: string): string[] {
  const found = [...text.matchAll(/[ \t]*(?:"((?:[^"]|"")*)"|([^,"]*))[ \t]*(?:,|$)/g)];
  if (found.reduce((length, [whole]) => length + whole.length, 0) !== text.length) {
    throw new SyntaxProblem(`Fields between commas expected: ${text}`);
  }
  const all = found.map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? trim(plain));
  if (all.at(-1) === "" && !/,[ \t]*$/.test(text)) all.pop(); // the end of the line matches once more
  return all;
}
