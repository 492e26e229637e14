/** The pattern does not follow the rules of the original's engine. */
export class PatternProblem extends Error {
  override readonly name = "PatternProblem";
}

const escapes: Readonly<Record<string, string>> = {
  A: "(?<![\\s\\S])",
  Z: "(?![\\s\\S])",
  z: "(?![\\s\\S])",
  a: "\\x07",
  e: "\\x1b",
  s: "[ \\t\\n\\r\\f]", // JavaScript's \\s would take the byte A0 in the middle of a letter for a blank
  S: "[^ \\t\\n\\r\\f]",
};

/**
 * Compiles a pattern of the original's Perl-like engine, which works on bytes: inline modifiers `(?i)` `(?x)` hold
 * until the end of their group; there is no looking around; `.` matches line ends too (functions §10).
 *
 * @throws PatternProblem
 */
export function compilePattern(text: string): RegExp {
  let output = "";
  let position = 0;
  let extended = false;
  /** The open parentheses, with the groups that modifiers have opened inside of each in the translation. */
  const groups: { modifiers: string[]; extended: boolean }[] = [{ modifiers: [], extended: false }];
  while (position < text.length) {
    const character = text[position] ?? "";
    if (character === "\\") {
      const next = text[position + 1];
      if (next === undefined) throw new PatternProblem("backslash at the end");
      const hexadecimal = next === "x" ? /^\{([0-9a-fA-F]{1,4})\}/.exec(text.slice(position + 2)) : null;
      if (hexadecimal) {
        output += `\\u${(hexadecimal[1] ?? "").padStart(4, "0")}`;
        position += 2 + hexadecimal[0].length;
        continue;
      }
      output += escapes[next] ?? `\\${next}`;
      position += 2;
    } else if (character === "[") {
      const end = classEnd(text, position);
      output += characterClass(text.slice(position + 1, end));
      position = end + 1;
    } else if (character === "(") {
      const special = /^\(\?(?:(#)[^)]*\)|([imsgrx-]+)\)|(:)|(.?))/s.exec(text.slice(position));
      if (!special) {
        groups.push({ modifiers: [], extended });
        output += "(";
        position++;
      } else if (special[1] !== undefined) position += special[0].length;
      else if (special[2] !== undefined) {
        position += special[0].length;
        const change = modifiers(special[2]);
        if (change.extended !== null) extended = change.extended;
        if (change.flags === "") continue;
        const opening = `(?${change.flags}:`;
        groups.at(-1)?.modifiers.push(opening);
        output += opening;
      } else if (special[3] !== undefined) {
        groups.push({ modifiers: [], extended });
        output += "(?:";
        position += special[0].length;
      } else throw new PatternProblem(`unknown group (?${special[4] ?? ""}`);
    } else if (character === ")") {
      const group = groups.length > 1 ? groups.pop() : undefined;
      if (!group) throw new PatternProblem("unmatched parenthesis");
      output += ")".repeat(group.modifiers.length + 1);
      extended = group.extended;
      position++;
    } else if (character === "|") {
      const open = groups.at(-1)?.modifiers ?? []; // they hold for the next alternative, too, but are none of their own
      output += `${")".repeat(open.length)}|${open.join("")}`;
      position++;
    } else if (extended && /[ \t\n\r\f]/.test(character)) position++;
    else if (extended && character === "#") {
      const end = text.indexOf("\n", position);
      position = end < 0 ? text.length : end + 1;
    } else {
      output += character;
      position++;
    }
  }
  if (groups.length > 1) throw new PatternProblem("unmatched parenthesis");
  output += ")".repeat(groups[0]?.modifiers.length ?? 0);
  try {
    return new RegExp(output, "gs");
  } catch (error) {
    throw new PatternProblem((error as Error).message);
  }
}

/** `i`, `m`, `s` exist in JavaScript as well, `x` is handled while translating; greediness and others are ignored. */
function modifiers(text: string): { flags: string; extended: boolean | null } {
  const [on = "", off = ""] = text.split("-", 2);
  const known = (letters: string) => [...new Set(letters)].filter((letter) => "ims".includes(letter)).join("");
  const added = known(on);
  const removed = [...known(off)].filter((letter) => !added.includes(letter)).join("");
  const extended = on.includes("x") ? true : off.includes("x") ? false : null;
  return { flags: added === "" && removed === "" ? "" : removed === "" ? added : `${added}-${removed}`, extended };
}

/** A closing bracket right at the start of a class is a character of it. */
function classEnd(text: string, start: number): number {
  let position = start + 1;
  if (text[position] === "^") position++;
  if (text[position] === "]") position++;
  for (; position < text.length; position++) {
    if (text[position] === "\\") position++;
    else if (text[position] === "]") return position;
  }
  throw new PatternProblem("unmatched bracket");
}

function characterClass(content: string): string {
  const negated = content.startsWith("^");
  const inner = negated ? content.slice(1) : content;
  const blanks = inner.replace(/\\(.)/gs, (whole, letter: string) => (letter === "s" ? " \\t\\n\\r\\f" : whole));
  const escaped = blanks.startsWith("]") ? `\\]${blanks.slice(1)}` : blanks;
  return `[${negated ? "^" : ""}${escaped}]`;
}

/** `$1`, `${1}`, `$0`, `$&`, `\n`, `\t`; an escaped character is itself; a group that the pattern lacks is a `$`. */
function expandReplacement(replacement: string, match: readonly (string | undefined)[]): string {
  return replacement.replace(
    /\\(.)|\$(?:\{(\d+)\}|(\d)|(&))/gs,
    (whole, escaped?: string, braced?: string, digit?: string) => {
      if (escaped !== undefined)
        return escaped === "n" ? "\n" : escaped === "t" ? "\t" : escaped === "r" ? "\r" : escaped;
      if (whole === "$&") return match[0] ?? "";
      const index = Number(braced ?? digit);
      return index < match.length ? (match[index] ?? "") : "$";
    },
  );
}

export function replacePattern(text: string, pattern: RegExp, replacement: string): string {
  return text.replace(pattern, (...parts: unknown[]) => {
    const end = parts.findIndex((part) => typeof part === "number");
    return expandReplacement(replacement, parts.slice(0, end) as (string | undefined)[]);
  });
}
