import { Cursor } from "../language/lexer.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import { toText, trim } from "../text/bytes.ts";

export interface ServiceCallText {
  readonly method: string;
  readonly parameters: readonly unknown[];
  readonly timeoutSeconds: number | undefined;
}

/**
 * Reads `"method": …`, `"params": [ … ]` and `"timeout": n`; one parameter per line (sections §13).
 *
 * @throws SyntaxProblem
 */
export function parseServiceCall(lines: readonly SourceLine[]): ServiceCallText {
  let method = "";
  let timeoutSeconds: number | undefined;
  let parameters: unknown[] | null = null;
  const texts = lines.map(({ text }) => trim(text)).filter((text) => text !== "" && !text.startsWith(";"));
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] ?? "";
    const found = /^(["'])([A-Za-z]+)\1\s*:\s*(.*)$/s.exec(text);
    if (!found) throw new SyntaxProblem(`"method", "params" or "timeout" expected: ${text}`);
    const [, , key = "", value = ""] = found;
    switch (key.toLowerCase()) {
      case "method":
        method = toText(new Cursor(value).sectionLiteral());
        break;
      case "timeout":
        timeoutSeconds = Number(value.replace(/,\s*$/, ""));
        if (!Number.isInteger(timeoutSeconds)) throw new SyntaxProblem(`Integer expected: ${value}`);
        break;
      case "params": {
        const read = readParameters(texts, index, value);
        parameters = read.parameters;
        index = read.end;
        break;
      }
      case "hashlist": // of OpsiServiceHashList: without meaning for us
        break;
      default:
        throw new SyntaxProblem(`Unknown key: ${key}`);
    }
  }
  if (method === "") throw new SyntaxProblem('"method" expected');
  return { method, parameters: parameters ?? [], timeoutSeconds };
}

function readParameters(
  texts: readonly string[],
  start: number,
  first: string,
): { parameters: unknown[]; end: number } {
  if (/^\[\s*\]\s*,?$/.test(first)) return { parameters: [], end: start };
  let index = start;
  let open = first;
  if (open === "") open = texts[++index] ?? "";
  if (open !== "[") throw new SyntaxProblem('"[" alone in its line expected');
  const parameters: unknown[] = [];
  for (index++; index < texts.length; index++) {
    const text = texts[index] ?? "";
    if (/^\]\s*,?$/.test(text)) return { parameters, end: index };
    parameters.push(parseParameter(text));
  }
  throw new SyntaxProblem('"]" expected');
}

/** Quoted: text, or JSON where it looks like it. Unquoted: a number, a truth value, JSON. */
export function parseParameter(line: string): unknown {
  const cursor = new Cursor(line);
  if (cursor.next === '"' || cursor.next === "'") {
    const text = toText(cursor.sectionLiteral());
    if (!/^,?$/.test(trim(cursor.rest))) throw new SyntaxProblem(`One parameter per line: ${line}`);
    return looksLikeJson(text) ? parseJson(text) : text;
  }
  const raw = toText(trim(line.replace(/,\s*$/, "")));
  if (looksLikeJson(raw) || /^(true|false|-?\d+(\.\d+)?)$/i.test(raw))
    return parseJson(/^(true|false)$/i.test(raw) ? raw.toLowerCase() : raw);
  throw new SyntaxProblem(`No valid parameter: ${line}`);
}

const looksLikeJson = (text: string) => /^\s*(\[[\s\S]*\]|\{[\s\S]*\}|null)\s*$/.test(text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SyntaxProblem(`Broken JSON: ${(error as Error).message}`);
  }
}
