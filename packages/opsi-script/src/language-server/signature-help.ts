import { MarkupKind, type SignatureHelp, type SignatureInformation } from "vscode-languageserver/node";
import type { CheckResult } from "../check/check-script.ts";
import { builtinSignature, signature } from "../check/expression-check.ts";
import { findBuiltin } from "../functions/registry.ts";
import { stops } from "../language/lexer.ts";
import { lowerAscii, toText } from "../text/bytes.ts";

interface OpenCall {
  readonly name: string;
  argument: number;
}

/** The call whose arguments are being written at a position, with the number of the argument. */
function openCall(line: string, at: number): OpenCall | undefined {
  const calls: OpenCall[] = [];
  let quote = "";
  for (let index = 0; index < at; index++) {
    const letter = line[index] ?? "";
    if (quote !== "") {
      if (letter === quote) quote = "";
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "(") calls.push({ name: wordBefore(line, index), argument: 0 });
    else if (letter === ")") calls.pop();
    else if (letter === ",") {
      const call = calls.at(-1);
      if (call) call.argument++;
    }
  }
  return calls.at(-1);
}

function wordBefore(line: string, end: number): string {
  const word = line.slice(0, end).trimEnd();
  let start = word.length;
  while (start > 0 && !stops.name.has(word[start - 1] ?? "")) start--;
  return word.slice(start);
}

/** The parameters of the function whose arguments are being written; `null` where there is none. */
export function signatureHelp(result: CheckResult | null, line: string, at: number): SignatureHelp | null {
  const call = openCall(line, at);
  if (!call || call.name === "") return null;
  const key = lowerAscii(call.name);
  const own = result?.symbols.find(({ kind, name }) => kind === "function" && lowerAscii(name) === key)?.signature;
  const { string, list, boolean } = findBuiltin(key) ?? {};
  const signatures: SignatureInformation[] = own
    ? [
        {
          label: toText(signature({ statement: own })),
          parameters: own.parameters.map(({ name }) => ({ label: toText(name) })),
        },
      ]
    : [string, list, boolean]
        .filter((builtin) => builtin !== undefined)
        .map((builtin) => ({
          label: builtinSignature(builtin),
          documentation: { kind: MarkupKind.Markdown, value: builtin.doc },
          parameters: builtin.parameters.map(({ name }) => ({ label: name })),
        }));
  if (signatures.length === 0) return null;
  const last = (signatures[0]?.parameters?.length ?? 1) - 1;
  return { signatures, activeSignature: 0, activeParameter: Math.min(call.argument, Math.max(0, last)) };
}
