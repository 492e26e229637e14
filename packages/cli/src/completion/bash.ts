import type { CompletedOption, CompletionTree, Value } from "./completion-tree.ts";

/**
 * A completion function for bash 4 and later. It finds the command among the words typed so far, then offers what may
 * stand at the place: words of commands, options, fixed values or files.
 */
export function bashCompletion({ commands, globals, words }: CompletionTree): string {
  const takingValue = [...globals, ...commands.flatMap((command) => command.options)].filter(
    ({ value }) => value !== null,
  );
  const flags = [...new Set(takingValue.flatMap(spellings))].sort();
  return `# bash completion for opsi. Use: source <(opsi completion bash)
_opsi() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local path= options= position=0 word skip= index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      ${flags.join("|")}) skip=1 ;;
      -*) ;;
      *)
        case "\${path:+$path }$word" in
          ${[...prefixesOf(words)].map(bashQuoted).join("|")}) path="\${path:+$path }$word" ;;
          *) position=$((position + 1)) ;;
        esac ;;
    esac
  done
  # The value of an option
  case "$path:$previous" in
${commands.flatMap(({ name, options }) => options.flatMap((option) => valueCase(bashQuoted(name), option))).join("\n")}
  esac
  case $previous in
${globals.flatMap((option) => valueCase(null, option)).join("\n")}
  esac
  # Options, words of commands, arguments
  case $path in
${commands.map(({ name, options }) => `    ${bashQuoted(name)}) options="${options.map(({ long }) => long).join(" ")}" ;;`).join("\n")}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options ${globals.map(({ long }) => long).join(" ")}" -- "$current"))
    return
  fi
  case $path in
${[...words].map(([prefix, next]) => `    ${bashQuoted(prefix)}) COMPREPLY=($(compgen -W "${next.join(" ")}" -- "$current")) ;;`).join("\n")}
${commands.flatMap(({ name, arguments: given }) => argumentCase(name, given)).join("\n")}
  esac
}
complete -F _opsi opsi
`;
}

/** Beginnings of commands that are complete words. */
function prefixesOf(words: CompletionTree["words"]): Set<string> {
  return new Set(
    [...words].flatMap(([prefix, next]) => next.map((word) => (prefix === "" ? word : `${prefix} ${word}`))),
  );
}

function valueCase(quotedName: string | null, option: CompletedOption): string[] {
  if (option.value === null) return [];
  const patterns = spellings(option).map((flag) => (quotedName === null ? flag : `${quotedName}:${flag}`));
  return [`    ${patterns.join("|")}) ${candidates(option.value)}; return ;;`];
}

function argumentCase(name: string, given: readonly Value[]): string[] {
  if (given.every(({ kind }) => kind === "text")) return [];
  const cases = given.map((value, index) => {
    const pattern = index === given.length - 1 ? "*" : String(index);
    return `${pattern}) ${candidates(value)} ;;`;
  });
  return [`    ${bashQuoted(name)}) case $position in ${cases.join(" ")} esac ;;`];
}

function candidates(value: Value): string {
  switch (value.kind) {
    case "choices":
      return `COMPREPLY=($(compgen -W "${value.choices.join(" ")}" -- "$current"))`;
    case "file":
      return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")`;
    case "folder":
      return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current")`;
    default:
      return ":";
  }
}

const spellings = ({ short, long }: CompletedOption): string[] => (short === null ? [long] : [short, long]);
const bashQuoted = (text: string): string => `"${text}"`;
