import { nearestName } from "@opsi-ts/model/nearest-name"; // the face would make `opsi --help` slower
import { commandIndex } from "./command-index.ts";
import { globalOptions } from "./global-options.ts";

/** Help without loading a command: of everything, or of the commands that begin with `group`. */
export function overview(group: string): string {
  const entries = commandIndex.filter(({ name }) => group === "" || name.startsWith(`${group} `));
  const width = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.map(({ name, doc }, index) => {
    const first = index > 0 && name.split(" ")[0] !== entries[index - 1]?.name.split(" ")[0] && group === "";
    return `${first ? "\n" : ""}  ${name.padEnd(width)}  ${doc}`;
  });
  const prefix = group === "" ? "" : `${group} `;
  return [
    `Usage: opsi ${prefix}<command> [options]`,
    "",
    ...(group === "" ? ["Client management: software, clients and configuration of an opsi site.", ""] : []),
    "Commands:",
    ...lines,
    "",
    ...(group === "" ? globalHelp() : []),
    `opsi ${prefix}<command> --help shows the options and examples of a command.`,
    "",
  ].join("\n");
}

/** What to say about words that are no command. */
export function unknownCommand(words: string): string {
  const names = commandIndex.map(({ name }) => name);
  const groups = new Set(names.map((name) => name.split(" ").slice(0, -1).join(" ")).filter((name) => name !== ""));
  const near = nearestName(words, [...names, ...groups]);
  return `There is no command '${words}'${near === null ? "" : `. Did you mean '${near}'?`}`;
}

function globalHelp(): string[] {
  const options = Object.values(globalOptions);
  const width = Math.max(...options.map(({ flags }) => flags.length));
  return [
    "Options of all commands:",
    ...options.map(({ flags, doc }) => `  ${flags.padEnd(width)}  ${doc}`),
    `  ${"--version".padEnd(width)}  show the version`,
    "",
  ];
}
