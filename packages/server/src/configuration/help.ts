import { type Option, type OptionName, optionFlag, optionTable, optionVariable } from "./option-table.ts";

/** The text of `--help`: every option with its default and environment variable. */
export function helpText(): string {
  const lines = (Object.keys(optionTable) as OptionName[]).flatMap((name) => {
    const option = optionTable[name] as Option<unknown>;
    const initial = defaultText(option);
    const letter = option.short === undefined ? "    " : `-${option.short}, `;
    return [
      `  ${letter}--${optionFlag(name)} ${option.kind.placeholder}`,
      `        ${option.doc}`,
      `        ${initial === "" ? "" : `default: ${initial}; `}${optionVariable(name)}`,
    ];
  });
  return [
    "The opsi service: data, depot and web interface of a site.",
    "",
    "Usage: opsiconfd [OPTION]...",
    "",
    "  -h, --help      show this text",
    "      --version   show the version",
    "      --root DIR",
    "        folder under which everything lies: DIR/etc/opsi, DIR/var/lib/opsi, DIR/var/log/opsi, DIR/tftpboot",
    "        default: / when installed, ./opsi-data when run from its sources; OPSICONFD_ROOT",
    "  -c, --config-file FILE",
    "        lines 'name = value'; default: DIR/etc/opsi/opsiconfd.conf; OPSICONFD_CONFIG_FILE",
    "",
    "Every option below can stand in the config file, in the environment or here; the latter wins.",
    "",
    ...lines,
    "",
  ].join("\n");
}

/** The default of an option as help and documentation show it; empty where there is none, or a secret or computed one. */
export function defaultText({ initial, secret }: Option<unknown>): string {
  if (secret === true || typeof initial === "function") return "";
  return Array.isArray(initial) ? initial.join(" ") : String(initial ?? "");
}
