import { outputFormats } from "./answer/answer.ts";
import type { Parameters, Values } from "./command.ts";
import { nameList } from "./selection/name-list.ts";

/** Options of every command; they may stand before or behind its name. Named as in opsi-cli. (packages §6.1) */
export const globalOptions = {
  service: { flags: "--service <url|name>", doc: "address of the config service, or name of a saved one" },
  username: { flags: "-u, --username <name>", doc: "user, or host id" },
  password: {
    flags: "-p, --password <password>",
    doc: "visible to other users of this machine; better OPSI_PASSWORD, --password-file or the prompt",
  },
  passwordFile: { flags: "--password-file <file>", doc: "first line of this file is the password", complete: "file" },
  totp: { flags: "--totp", doc: "ask for a one-time code" },
  caFile: { flags: "--ca-file <file>", doc: "CA certificate that the service must prove", complete: "file" },
  trust: { flags: "--trust", doc: "trust an unknown service at first contact and keep its CA" },
  root: {
    flags: "--root <folder>",
    doc: "on the server: root of the site, for its CA and address",
    complete: "folder",
  },
  configFile: {
    flags: "--config-file <file>",
    doc: "saved services; default ~/.config/opsi-cli/opsi-cli.toml",
    complete: "file",
    alias: "--config-file-user",
  },
  output: {
    flags: "--output <format>",
    doc: "how the answer is shown; auto = as the command likes it",
    choices: outputFormats,
    fallback: "auto",
    alias: "--output-format",
  },
  outputFile: { flags: "--output-file <file>", doc: "write the answer here instead of to stdout", complete: "file" },
  attributes: { flags: "--attributes <names>", doc: "columns and their order, or all", parse: nameList },
  sortBy: { flags: "--sort-by <name>", doc: "order by this attribute" },
  header: { flags: "--no-header", doc: "table and csv without column names" },
  color: { flags: "--no-color", doc: "no bold text; also NO_COLOR" },
  dryRun: { flags: "--dry-run", doc: "only say what would be changed" },
  yes: { flags: "-y, --yes", doc: "answer every question with yes" },
  nonInteractive: { flags: "--non-interactive", doc: "never ask, even on a terminal" },
  quiet: { flags: "-q, --quiet", doc: "no progress and no messages, only errors" },
} as const satisfies Parameters;

export type GlobalOptions = Values<typeof globalOptions>;
