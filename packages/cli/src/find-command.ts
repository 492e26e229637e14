import type { Parameter } from "./command.ts";
import { globalOptions } from "./global-options.ts";

/** What the words on the command line mean before any command is loaded. */
export type Found =
  | { readonly kind: "command"; readonly name: string; readonly rest: readonly string[] }
  | { readonly kind: "help"; readonly group: string }
  | { readonly kind: "version" }
  | { readonly kind: "incomplete"; readonly group: string }
  | { readonly kind: "unknown"; readonly words: string }
  | { readonly kind: "unknown option"; readonly option: string };

/**
 * Finds the command among global options, which may stand before and behind it. `rest` is what is left for the
 * parser of the command.
 */
export function findCommand(argv: readonly string[], names: readonly string[]): Found {
  const before: string[] = [];
  const words: string[] = [];
  let position = 0;
  for (; position < argv.length; position++) {
    const word = argv[position] ?? "";
    if (word.startsWith("-") && word !== "-") {
      const group = words.join(" ");
      if (word === "--help" || word === "-h") return { kind: "help", group };
      if (word === "--version" && group === "") return { kind: "version" };
      before.push(word);
      if (takesValue(word)) before.push(argv[++position] ?? "");
      continue;
    }
    const longer = [...words, word].join(" ");
    if (names.includes(longer)) {
      return { kind: "command", name: longer, rest: [...before, ...argv.slice(position + 1)] };
    }
    if (!names.some((name) => name.startsWith(`${longer} `))) {
      const option = argv[position - 1] ?? "";
      // A mistyped one, of which this is the value: perhaps that of --password, which nobody wants to see again
      if (/^--[^=]+$/.test(option) && before.at(-1) === option && !isGlobal(option)) {
        return { kind: "unknown option", option };
      }
      return { kind: "unknown", words: longer };
    }
    words.push(word);
  }
  return { kind: "incomplete", group: words.join(" ") };
}

/** True if the next word is the value of this one, and not yet the command. */
function takesValue(word: string): boolean {
  return Object.values(globalOptions).some((option) => option.flags.includes("<") && spells(option, word));
}

function isGlobal(word: string): boolean {
  return Object.values(globalOptions).some((option) => spells(option, word));
}

function spells({ flags, alias = "" }: Parameter, word: string): boolean {
  return `${flags}, ${alias}`.split(/[ ,|]+/).includes(word);
}
