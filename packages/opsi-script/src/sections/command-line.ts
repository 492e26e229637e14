import type { Processes } from "../platform/processes.ts";

const whole = (text: string) => (text.trim() === "" ? [] : [text.trim()]);

/** Parameters that are split at blanks, quotes mean nothing: what the original does. Windows gets the text as it is. */
export const plainParameters = ({ takesCommandLine }: Processes, text: string): string[] =>
  takesCommandLine ? whole(text) : text.split(/[ \t]+/).filter((word) => word !== "");

/** Parameters in which quotes keep blanks together. Windows gets the text as it is. */
export const quotedParameters = ({ takesCommandLine }: Processes, text: string): string[] =>
  takesCommandLine ? whole(text) : splitCommandLine(text);

/** Words of a command line: separated by blanks, quotes of both kinds keep blanks together and are removed. */
function splitCommandLine(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  let started = false;
  for (const character of text) {
    if (quote !== "") {
      if (character === quote) quote = "";
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      started = true;
    } else if (character === " " || character === "\t") {
      if (started || word !== "") words.push(word);
      word = "";
      started = false;
    } else word += character;
  }
  if (started || word !== "") words.push(word);
  return words;
}
