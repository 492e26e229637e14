/** What people who know other languages write, and what opsi-script has instead. */
const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/<>|!=/, "There is no operator for unequal: not(a = b)."],
  [/==/, 'Equal is written with one "=".'],
  [/^(?:else)?if\b.*\bnot\s+[^(\s]/i, "not needs parentheses: not(a = b)."],
  [/&&/, 'Use "and".'],
  [/\|\|/, 'Use "or".'],
  [/^(?:while|until)\b/i, "There are only for loops."],
];

/** A hint for a line that cannot be understood; `null` when none fits. */
export function syntaxHint(line: string, message: string): string | null {
  if (message.startsWith("Remaining char") && /^[^;]*;/.test(line)) return "A comment needs a line of its own.";
  if (message.startsWith("End of string")) return "A quote inside of a text: use the other kind of quotes around it.";
  for (const [pattern, hint] of hints) if (pattern.test(line)) return hint;
  if (message.startsWith("Comparison operator"))
    return 'A condition compares: a = "b", or is a function such as FileExists(...).';
  return null;
}
