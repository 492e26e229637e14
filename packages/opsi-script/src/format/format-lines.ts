import { parseLine } from "../language/parser.ts";
import { functionNesting, headerName } from "../language/script-text.ts";
import { isSub, sectionTypeOf } from "../language/section-types.ts";
import { trim } from "../text/bytes.ts";

const statementSections = new Set(["initial", "actions", "profileactions"]);

/** Sections that consist of statements; the content of all others is text of another kind. */
const hasStatements = (name: string) => statementSections.has(name) || isSub(sectionTypeOf(name));

/**
 * The lines of a script, indented by their blocks. Only blanks at both ends of statements change, which mean nothing
 * (language §1.1); other sections are left as they are.
 *
 * @param lines byte strings, without line ends
 * @param unit of one level
 */
export function formatLines(lines: readonly string[], unit: string): string[] {
  const lastEnd = lines.findLastIndex((line) => functionNesting(line) < 0);
  const formatted: string[] = [];
  /** The functions that are open, by the depth around them; "text" where the words stand in text of another kind. */
  const functions: (number | "text")[] = [];
  let isContent = !beginsWithStatements(lines);
  let depth = 0;
  const put = (line: string, level: number) => {
    const text = trim(line);
    formatted.push(text === "" ? "" : unit.repeat(Math.max(0, level)) + text);
  };
  for (const [index, line] of lines.entries()) {
    // a definition without its end does not reach over the sections behind it, as in the interpreter
    if (index > lastEnd) functions.length = 0;
    const nesting = index > lastEnd ? 0 : functionNesting(line);
    const name = headerName(line);
    const inner = functions.at(-1);
    if (inner === "text") {
      if (nesting > 0) functions.push("text");
      else if (nesting < 0) functions.pop();
      formatted.push(line);
    } else if (nesting < 0 && inner !== undefined) {
      functions.pop();
      depth = inner;
      isContent = false;
      put(line, depth);
    } else if (name !== null) {
      isContent = !hasStatements(name);
      depth = inner === undefined ? 0 : inner + 1;
      put(line, depth);
    } else if (isContent) {
      if (nesting > 0) functions.push("text");
      formatted.push(line);
    } else {
      const [before, after] = steps(line);
      put(line, depth + before);
      depth = Math.max(0, depth + before + after);
      if (nesting > 0) functions.push(Math.max(0, depth - 1));
    }
  }
  return formatted;
}

/** How many levels a statement goes up or down before and behind itself. */
function steps(line: string): readonly [before: number, after: number] {
  switch (parseLine(line).kind) {
    case "if":
    case "switch":
    case "case":
    case "defaultcase":
      return [0, 1];
    case "deffunc":
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
      return [0, functionNesting(line) > 0 ? 1 : 0]; // a definition with a mistake in it
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
