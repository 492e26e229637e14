import type { AnyCommand } from "../command.ts";
import { commandReference } from "./command-reference.ts";

const begin = "<!-- generated from the declarations of the commands; see packages/cli/src/reference -->\n";
const end = "<!-- end of the generated part -->\n";

/** The manual with its generated part made anew; what people wrote around it stays. */
export function withReference(manual: string, commands: readonly AnyCommand[]): string {
  const from = manual.indexOf(begin);
  const to = manual.indexOf(end);
  if (from < 0 || to < from) throw new Error("The manual has lost the marks of its generated part");
  return `${manual.slice(0, from + begin.length)}\n${commandReference(commands)}\n${manual.slice(to)}`;
}
