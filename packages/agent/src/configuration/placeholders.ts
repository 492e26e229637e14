/**
 * Replaces `%name%` by what `lookUp` knows, repeatedly because values may hold further ones. Names are compared in lower
 * case; unknown ones stay. (agent §2.2)
 */
export function fillPlaceholders(text: string, lookUp: (name: string) => string | undefined): string {
  let filled = text;
  for (let round = 0; round < 10; round++) {
    const next = filled.replace(/%([\w.{}-]+)%/g, (whole, name: string) => lookUp(name.toLowerCase()) ?? whole);
    if (next === filled) break;
    filled = next;
  }
  return filled;
}

/** Words of a command line, as a shell would see them but without any expansion: quotes group, `\"` is a quote. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  for (const [, parts = ""] of command.matchAll(/((?:"(?:\\"|[^"])*"|'[^']*'|[^\s"'])+)/g)) {
    words.push(
      parts.replace(/"((?:\\"|[^"])*)"|'([^']*)'/g, (_whole, double?: string, single?: string) =>
        double === undefined ? (single ?? "") : double.replaceAll('\\"', '"'),
      ),
    );
  }
  return words;
}
