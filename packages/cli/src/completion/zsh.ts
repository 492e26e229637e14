import type { CompletedOption, CompletionTree, Value } from "./completion-tree.ts";

/** A completion function for zsh, for a folder of `fpath` (as `_opsi`) or to be sourced. */
export function zshCompletion({ commands, globals, words }: CompletionTree): string {
  const docs = new Map(commands.map(({ name, doc }) => [name, doc]));
  const groups = [...words].map(([prefix, next]) => {
    const described = next.map((word) => {
      const name = prefix === "" ? word : `${prefix} ${word}`;
      return quoted(`${word}:${docs.get(name) ?? "commands"}`);
    });
    return `    ${quoted(prefix)}) candidates=(${described.join(" ")}); _describe 'command' candidates ;;`;
  });
  const specifications = commands.map(({ name, options, arguments: given }) => {
    const specs = options.flatMap(optionSpecs);
    const places = given.map((value, index) => {
      return quoted(`${index === given.length - 1 ? "*" : index + 1}:argument:${action(value)}`);
    });
    return `    ${quoted(name)}) _arguments -S $globals ${[...specs, ...places].join(" ")} ;;`;
  });
  return `#compdef opsi
# zsh completion for opsi. Use: opsi completion zsh > a folder of your fpath, as _opsi
_opsi() {
  local typed= word
  local -a candidates globals
  integer index=2
  globals=(${globals.flatMap(optionSpecs).join(" ")})
  while ((index < CURRENT)); do
    word=$words[index]
    case "\${typed:+$typed }$word" in
      ${[...words].flatMap(([prefix, next]) => next.map((word) => quoted(prefix === "" ? word : `${prefix} ${word}`))).join("|")}) typed="\${typed:+$typed }$word" ;;
      *) break ;;
    esac
    ((index++))
  done
  if ((index > 2)); then
    # The words of the command count as one, so that the places of arguments begin at 1.
    words=(opsi "\${(@)words[index,-1]}")
    ((CURRENT -= index - 2))
  fi
  case $typed in
${groups.join("\n")}
${specifications.join("\n")}
  esac
}
if [[ $funcstack[1] == _opsi ]]; then _opsi "$@"; else compdef _opsi opsi; fi
`;
}

function optionSpecs({ short, long, doc, value }: CompletedOption): string[] {
  const text = doc.replace(/[[\]:]/g, "");
  const tail = value === null ? "" : `:value:${action(value)}`;
  return [...(short === null ? [] : [short]), long].map((flag) => quoted(`${flag}[${text}]${tail}`));
}

function action(value: Value): string {
  switch (value.kind) {
    case "choices":
      return `(${value.choices.join(" ")})`;
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    default:
      return " ";
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
