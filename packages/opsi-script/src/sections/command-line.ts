/** Words of a command line: separated by blanks, quotes of both kinds keep blanks together and are removed. */
export function splitCommandLine(text: string): string[] {
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
