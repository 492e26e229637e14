import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultText } from "../packages/server/src/configuration/help.ts";
import {
  type Option,
  type OptionName,
  optionFlag,
  optionTable,
  optionVariable,
} from "../packages/server/src/configuration/option-table.ts";

/** `npx node tools/write-server-options.ts`: makes docs/server-options.md of the option table. */
const target = join(import.meta.dirname, "../docs/server-options.md");

function row(name: OptionName): string {
  const option = optionTable[name] as Option<unknown>;
  const initial = defaultText(option);
  const cells = [
    `\`--${optionFlag(name)}\``,
    option.kind.placeholder.replaceAll("|", "\\|"),
    option.doc,
    initial === "" ? "" : `\`${initial}\``,
    `\`${optionVariable(name)}\``,
  ];
  return `| ${cells.join(" | ")} |`;
}

export const serverOptions = [
  "# Options of the server",
  "",
  "Made from the option table; `npm start -- --help` shows the same, besides `--root` and `--config-file`.",
  "",
  "| Option | Value | What it does | Default | Environment |",
  "|---|---|---|---|---|",
  ...(Object.keys(optionTable) as OptionName[]).map(row),
  "",
].join("\n");

if (import.meta.main) writeFileSync(target, serverOptions);
