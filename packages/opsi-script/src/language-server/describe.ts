import { builtinSignature, signature } from "../check/expression-check.ts";
import type { ScriptSymbol } from "../check/symbols.ts";
import type { AnyBuiltin } from "../functions/builtin.ts";
import { findBuiltin } from "../functions/registry.ts";
import { constantNames, constantOf } from "../language/constant-names.ts";
import { sectionTypeOf } from "../language/section-types.ts";
import { sectionHelp, statementHelp } from "../statements/statement-help.ts";
import { lowerAscii, toText } from "../text/bytes.ts";

const code = (text: string) => `\`\`\`opsiscript\n${text}\n\`\`\``;

const gives = { string: "string", list: "stringlist", boolean: "condition" } as const;

/** Form, result, explanation and examples of a built-in function, as Markdown. */
export function describeBuiltin(builtin: AnyBuiltin): string {
  const examples = builtin.examples
    .slice(0, 3)
    .map(([expression, value]) => `${expression}  ; ${JSON.stringify(value)}`);
  const parts = [code(`${builtinSignature(builtin)} : ${gives[builtin.returns]}`), builtin.doc];
  if (examples.length > 0) parts.push(code(examples.join("\n")));
  return parts.join("\n\n");
}

/** What a script defines, as Markdown. */
export function describeSymbol(symbol: ScriptSymbol): string {
  const { kind, name, definition, isLoop } = symbol;
  const place = `Defined in line ${definition.line.line} of ${toText(definition.line.file)}`;
  switch (kind) {
    case "function":
      return `${code(toText(symbol.signature ? signature({ statement: symbol.signature }) : name))}\n\n${place}`;
    case "section": {
      const type = sectionTypeOf(name);
      return `${code(`[${toText(name)}]`)}\n\n${type === null ? "" : `${sectionHelp[type].doc} `}${place}`;
    }
    case "string":
    case "stringlist":
      return `${code(`${toText(name)} : ${kind}`)}\n\n${isLoop ? "Loop variable, replaced as text. " : ""}${place}`;
    default:
      return kind satisfies never;
  }
}

/** What the language itself knows under a name; `null` if nothing. */
export function describeWord(word: string): string | null {
  const key = lowerAscii(word);
  const constant = constantOf(word);
  if (constant !== undefined) return `${code(`%${constant}%`)}\n\nConstant: ${constantNames[constant]}`;
  const { string, list, boolean } = findBuiltin(key) ?? {};
  const builtins = [string, list, boolean].filter((one) => one !== undefined);
  if (builtins.length > 0) return builtins.map(describeBuiltin).join("\n\n---\n\n");
  const statement = statementHelp.get(key);
  if (statement) return `${code(statement.form)}\n\n${statement.doc}`;
  const type = sectionTypeOf(key);
  return type === null ? null : `${code(`${sectionHelp[type].name}_...`)}\n\n${sectionHelp[type].doc}`;
}
