import { textWidth } from "../answer/text-width.ts";
import type { AnyCommand, Parameter } from "../command.ts";
import { globalOptions } from "../global-options.ts";

/** The part of the manual that says what can be typed, in Markdown, from the declarations. */
export function commandReference(commands: readonly AnyCommand[]): string {
  const global = ["### Options of all commands", "", ...optionTable(Object.values(globalOptions))].join("\n");
  return `${[...commands.map(section), global].join("\n\n")}\n`;
}

function section(command: AnyCommand): string {
  const { name, doc, details, examples, options = {}, arguments: given = {} } = command;
  const usage = [`opsi ${name}`, ...Object.values(given).map(({ flags }) => flags)];
  if (Object.keys(options).length > 0) usage.push("[options]");
  const lines = [`### opsi ${name}`, "", prose(doc), ""];
  if (details !== undefined) lines.push(prose(details), "");
  lines.push("```", usage.join(" "), "```", "");
  const described = Object.values(given).filter(() => !command.passThrough);
  if (described.length > 0) lines.push(...table("Argument", described), "");
  if (Object.keys(options).length > 0) lines.push(...optionTable(Object.values(options)), "");
  lines.push(examples.length === 1 ? "Example:" : "Examples:", "", "```", ...examples, "```");
  return lines.join("\n");
}

const optionTable = (options: readonly Parameter[]): string[] => table("Option", options);

function table(title: string, parameters: readonly Parameter[]): string[] {
  const rows = parameters.map(({ flags, alias, doc, choices, fallback }) => {
    const names = `\`${flags}\`${alias === undefined ? "" : ` (also \`${alias}\`)`}`;
    const possible = choices === undefined ? "" : `: ${choices.map((choice) => `\`${choice}\``).join(", ")}`;
    const initial = fallback === undefined || fallback === "" ? "" : ` Default: \`${String(fallback)}\`.`;
    return [escaped(names), `${escaped(prose(doc) + possible)}.${escaped(initial)}`] as const;
  });
  const [first, second] = [0, 1].map((column) => {
    return Math.max(...[[title, "Meaning"], ...rows].map((row) => textWidth(row[column] ?? "")));
  });
  // As Biome formats Markdown: cells padded to the widest of their column.
  const padded = (cell: string, width = 0) => cell + " ".repeat(width - textWidth(cell));
  const line = ([left, right]: readonly [string, string]) => `| ${padded(left, first)} | ${padded(right, second)} |`;
  return [line([title, "Meaning"]), line(["-".repeat(first ?? 0), "-".repeat(second ?? 0)]), ...rows.map(line)];
}

/** Words that Markdown would take for its own: `*` and `<name>`. */
const prose = (text: string): string => text.replace(/[*<_]/g, "\\$&");
const escaped = (text: string): string => text.replaceAll("|", "\\|");
