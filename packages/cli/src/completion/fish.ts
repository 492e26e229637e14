import type { CompletedOption, CompletionTree, Value } from "./completion-tree.ts";

/** Completions for fish: one line per word and option, with the condition under which it is offered. */
export function fishCompletion({ commands, globals, words }: CompletionTree): string {
  const docs = new Map(commands.map(({ name, doc }) => [name, doc]));
  const lines: string[] = [];
  for (const [prefix, next] of words) {
    for (const word of next) {
      const name = prefix === "" ? word : `${prefix} ${word}`;
      lines.push(
        `complete -c opsi -f -n ${quoted(`__opsi_at ${prefix}`.trim())} -a ${word}${described(docs.get(name))}`,
      );
    }
  }
  for (const { name, options, arguments: given } of commands) {
    const condition = quoted(`__opsi_in ${name}`);
    for (const option of options) lines.push(`complete -c opsi -n ${condition} ${flags(option)}`);
    const last = given.at(-1);
    if (last?.kind === "choices") {
      lines.push(`complete -c opsi -f -n ${condition} -a ${quoted(last.choices.join(" "))}`);
    } else if (last === undefined || last.kind === "text") lines.push(`complete -c opsi -f -n ${condition}`);
  }
  return `# fish completion for opsi. Use: opsi completion fish > ~/.config/fish/completions/opsi.fish
function __opsi_words
    # The words typed so far without options
    string match -v -- '-*' (commandline -opc)[2..-1]
end
function __opsi_at
    # True if exactly these words were typed
    set -l typed (__opsi_words)
    test "$typed" = "$argv"
end
function __opsi_in
    # True if the words typed begin with these
    set -l typed (__opsi_words)
    set -l needed (count $argv)
    test (count $typed) -ge $needed; or return 1
    set -l beginning $typed[1..$needed]
    test "$beginning" = "$argv"
end
${globals.map((option) => `complete -c opsi ${flags(option)}`).join("\n")}
${lines.join("\n")}
`;
}

function flags({ short, long, doc, value }: CompletedOption): string {
  const names = `${short === null ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  return `${names}${value === null ? "" : ` ${required(value)}`}${described(doc)}`;
}

function required(value: Value): string {
  if (value.kind === "choices") return `-x -a ${quoted(value.choices.join(" "))}`;
  return value.kind === "text" ? "-x" : "-r -F";
}

const described = (doc: string | undefined): string => (doc === undefined ? "" : ` -d ${quoted(doc)}`);
const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
