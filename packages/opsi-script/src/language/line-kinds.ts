import { lowerAscii } from "../text/bytes.ts";
import { functionNesting, headerName } from "./script-text.ts";
import { isSub, sectionTypeOf } from "./section-types.ts";

/** `content`: text of a section that does not consist of statements. `end`: of a function definition. */
export type LineKind = "header" | "statement" | "content" | "end";

const statementSections = new Set(["initial", "actions", "profileactions"]);

const hasStatements = (name: string) => statementSections.has(name) || isSub(sectionTypeOf(lowerAscii(name)));

/**
 * What the lines of a script are, as the interpreter finds sections: those inside of function definitions end with
 * them, and a definition without its end does not reach over the sections behind it (language §1.3).
 *
 * @param beginsWithStatements whether those in front of the first header are statements
 */
export function lineKinds(lines: readonly string[], beginsWithStatements = true): LineKind[] {
  const lastEnd = lines.findLastIndex((line) => functionNesting(line) < 0);
  /** The definitions that are open: whether they are text in a section of another kind. */
  const open: boolean[] = [];
  let isContent = !beginsWithStatements;
  return lines.map((line, index) => {
    if (index > lastEnd) open.length = 0;
    const nesting = index > lastEnd ? 0 : functionNesting(line);
    const isText = open.at(-1) === true;
    if (nesting > 0) {
      open.push(isContent || isText);
      return isContent || isText ? "content" : "statement";
    }
    if (nesting < 0 && open.length > 0) {
      open.pop();
      if (isText) return "content";
      isContent = false;
      return "end";
    }
    const name = isText ? null : headerName(line);
    if (name === null) return isContent || isText ? "content" : "statement";
    isContent = !hasStatements(name);
    return "header";
  });
}
