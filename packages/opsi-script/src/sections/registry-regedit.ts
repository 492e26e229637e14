import { SyntaxProblem } from "../language/problems.ts";
import { type RegistryValue, registryTypes } from "../platform/registry.ts";
import { bigNumberValue, numberValue, textValue } from "../platform/registry-values.ts";
import { trim } from "../text/bytes.ts";
import { readBytes } from "./registry-value.ts";
import type { RegistryWork } from "./registry-work.ts";

/** Lines of a file that regedit has exported, continued ones joined (sections §8 `/Regedit`). */
export const regeditLines =
  (work: RegistryWork) =>
  (given: string): void => {
    const text = trim(given);
    if (/^(regedit4|windows registry editor.*)$/i.test(text)) return;
    const key = /^\[(-?)(.*)\]$/.exec(text);
    if (key) {
      const [, minus = "", name = ""] = key;
      if (minus === "") work.open(name);
      else work.deleteKey(name);
      return;
    }
    const value = /^(?:@|"((?:[^"\\]|\\.)*)")[ \t]*=[ \t]*(.*)$/s.exec(text);
    if (!value) throw new SyntaxProblem(`Key or value expected: ${text}`);
    const name = unescaped(value[1] ?? "");
    if (value[2] === "-") work.deleteValue(name);
    else work.set(name, readValue(value[2] ?? ""));
  };

const unescaped = (text: string) => text.replace(/\\(.)/gs, "$1");

function readValue(text: string): RegistryValue {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text);
  if (quoted) return textValue(unescaped(quoted[1] ?? ""));
  const typed = /^(dword|qword|hex(?:\(([0-9a-f]+)\))?)[ \t]*:[ \t]*(.*)$/is.exec(text);
  if (!typed) throw new SyntaxProblem(`Value expected: ${text}`);
  const [, kind = "", type, data = ""] = typed;
  if (/^hex/i.test(kind)) {
    return { type: type === undefined ? registryTypes.binary : Number.parseInt(type, 16), data: readBytes(data).data };
  }
  if (!/^[0-9a-f]{1,16}$/i.test(data)) throw new SyntaxProblem(`Hexadecimal number expected: ${data}`);
  return /^dword$/i.test(kind) ? numberValue(BigInt(`0x${data}`)) : bigNumberValue(BigInt(`0x${data}`));
}
