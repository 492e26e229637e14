import { type LineKind, lineKinds } from "../language/line-kinds.ts";
import { parseLine } from "../language/parser.ts";
import { functionNesting, headerName } from "../language/script-text.ts";
import { trim } from "../text/bytes.ts";

/** The interpreter takes no deeper conditions; without a limit the file would grow with the square of its lines. */
const deepest = 100;

/**
 * The lines of a script, indented by their blocks. Only blanks at both ends of statements change, which mean nothing
 * (language §1.1); other sections are left as they are.
 *
 * @param lines byte strings, without line ends
 * @param unit of one level
 */
export function formatLines(lines: readonly string[], unit: string): string[] {
  const kinds = lineKinds(lines, beginsWithStatements(lines));
  const lastEnd = kinds.lastIndexOf("end");
  /** Depths around the definitions that are open. */
  const functions: number[] = [];
  let depth = 0;
  const indented = (line: string) => {
    const text = trim(line);
    return text === "" ? "" : unit.repeat(Math.min(depth, deepest)) + text;
  };
  const format = (line: string, kind: LineKind | undefined, index: number): string => {
    if (index > lastEnd) functions.length = 0;
    if (kind === "content") return line;
    if (kind === "end") {
      depth = functions.pop() ?? 0;
      return indented(line);
    }
    if (kind === "header") {
      const around = functions.at(-1);
      depth = around === undefined ? 0 : around + 1;
      return indented(line);
    }
    const isFunction = functionNesting(line) > 0; // also one with a mistake in it
    const [before, after] = isFunction ? [0, 1] : stepsOf(line);
    depth = Math.max(0, depth + before);
    const formatted = indented(line);
    if (isFunction && index < lastEnd) functions.push(depth);
    depth += after;
    return formatted;
  };
  return lines.map((line, index) => format(line, kinds[index], index));
}

/** How many levels a statement goes up or down before and behind itself. */
function stepsOf(line: string): readonly [before: number, after: number] {
  switch (parseLine(line).kind) {
    case "if":
    case "switch":
    case "case":
    case "defaultcase":
      return [0, 1];
    case "else":
    case "elseif":
      return [-1, 1];
    case "endif":
    case "endswitch":
    case "endcase":
    case "endfunc":
      return [-1, 0];
    default:
      return [0, 0];
  }
}

/** Files for sections of other kinds may have no header, and text in which blanks count. */
function beginsWithStatements(lines: readonly string[]): boolean {
  for (const line of lines) {
    if (headerName(line) !== null) return true;
    const statement = parseLine(line);
    if (statement.kind === "invalid" || (statement.kind === "call" && statement.call === null)) return false;
  }
  return true;
}
