/** Text functions whose Python meaning differs from JavaScript's. (objects §1.1) */

/** What Python takes for blank: unlike JavaScript with the separators \x1c-\x1f and \x85, but without \ufeff. */
export const blankClass = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const blank = new RegExp(`[${blankClass}]`);

export function strip(text: string): string {
  return stripWhere(text, (character) => blank.test(character));
}

/**
 * The text without the characters at both ends that are meant. By hand, because an expression with `$` begins anew at
 * every blank in the middle: a text of some thousand blanks would take seconds.
 */
export function stripWhere(text: string, isOuter: (character: string) => boolean): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOuter(text.charAt(start))) start++;
  while (end > start && isOuter(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * Python counts characters, not UTF-16 units: no half characters at the cut. A character has two units at most, so not
 * all of a long text has to be taken apart.
 */
export function firstCharacters(text: string, count: number): string {
  return text.length <= count ? text : [...text.slice(0, 2 * count)].slice(0, count).join("");
}

/**
 * A Python pattern as JavaScript expression: `\w`, `\d`, `\s` and `\S` know all scripts, and `$` also matches before
 * one closing line feed. Classes must not contain these shorthands, except `\w` and `\d`.
 */
export function pythonPattern(source: string): RegExp {
  let inClass = false;
  const translated = source.replace(/\\.|[[\]$]/gs, (token) => {
    if (token === "[") inClass = true;
    if (token === "]") inClass = false;
    if (token === "$") return inClass ? token : "(?=\\n?$)";
    const members = shorthands[token];
    if (members === undefined) return token;
    return inClass ? members : `[${members}]`;
  });
  return new RegExp(translated, "u");
}

const shorthands: Readonly<Record<string, string>> = {
  "\\w": "\\p{L}\\p{N}_",
  "\\d": "\\p{Nd}",
  "\\s": blankClass,
  "\\S": `^${blankClass}`,
};

/** Python compares strings by code point, JavaScript by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Python's truth value: empty strings, bytes, lists and dicts, zero and None are false. */
export function truthy(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (value === null || typeof value !== "object") return Boolean(value) || Number.isNaN(value);
  return value instanceof Date || Object.keys(value).length > 0;
}
