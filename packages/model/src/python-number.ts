import { OpsiError } from "./errors.ts";
import { pythonRepr, pythonString, pythonTypeName } from "./python-repr.ts";
import { blankClass, stripWhere } from "./python-text.ts";

/** Python's int() and float() for JSON values, with the texts of their complaints. (objects §1.2) */

/** Blanks around a number: not the separators \x1c-\x1f that strip() knows. */
const blanks = blankClass.replace("\\x1c-\\x20", "\\x20");
const blank = new RegExp(`[${blanks}]`);
const withoutOuterBlanks = (text: string) => stripWhere(text, (character) => blank.test(character));

/** Longer texts are refused by Python itself, to keep conversion from taking forever. */
const maximalDigits = 4300;

/** `forceInt`: a fraction is cut off. A boolean, which Python keeps as it is, becomes the 1 or 0 that is stored. */
export function toInteger(value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  const result = typeof value === "string" ? parseInteger(value, 10) : truncate(value);
  if (typeof result === "number") return result;
  throw new OpsiError("ValueError", `Bad int value '${pythonString(value)}': ${result.problem}`);
}

/** `forceFloat` */
export function toFloat(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  const result = typeof value === "string" ? parseFloatText(value) : { problem: notANumber("float()", value) };
  if (typeof result === "number") return result;
  throw new OpsiError("ValueError", `Bad float value '${pythonString(value)}': ${result.problem}`);
}

/** `forceOct`: a text of octal digits. */
export function toOctal(value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  const result = parseInteger(pythonString(value), 8);
  if (typeof result === "number") return result;
  throw new OpsiError("ValueError", `Bad oct value ${pythonString(value)}: ${result.problem}`);
}

type Parsed = number | { problem: string };

function truncate(value: unknown): Parsed {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "number") return { problem: notANumber("int()", value) };
  if (Number.isNaN(value)) return { problem: "cannot convert float NaN to integer" };
  if (!Number.isFinite(value)) return { problem: "cannot convert float infinity to integer" };
  return Math.trunc(value) + 0; // no negative zero
}

function notANumber(name: string, value: unknown): string {
  const kinds = name === "int()" ? "a string, a bytes-like object or a real number" : "a string or a real number";
  return `${name} argument must be ${kinds}, not '${pythonTypeName(value)}'`;
}

function parseInteger(text: string, base: 8 | 10): Parsed {
  const problem = `invalid literal for int() with base ${base}: ${pythonRepr(text)}`;
  const found = /^([+-]?)(0[oO](?:_?[0-7])+|\p{Nd}+(?:_\p{Nd}+)*)$/u.exec(withoutOuterBlanks(text));
  if (found === null) return { problem };
  const [, sign = "", literal = ""] = found;
  const prefixed = /^0[oO]/.test(literal);
  if (prefixed && base !== 8) return { problem };
  const digits = plainDigits((prefixed ? literal.slice(2) : literal).replaceAll("_", ""));
  if (base === 8 && /[89]/.test(digits)) return { problem };
  if (base === 10 && digits.length > maximalDigits) return { problem: tooLong(digits.length) };
  const value = base === 8 ? Number(`0o${digits}`) : Number(digits);
  if (!Number.isFinite(value)) return { problem: "int too large" };
  return sign === "-" && value !== 0 ? -value : value;
}

function tooLong(length: number): string {
  return (
    `Exceeds the limit (${maximalDigits} digits) for integer string conversion: value has ${length} digits; ` +
    "use sys.set_int_max_str_digits() to increase the limit"
  );
}

function parseFloatText(text: string): Parsed {
  const stripped = plainDigits(withoutOuterBlanks(text));
  if (/^[+-]?(inf|infinity)$/i.test(stripped)) return stripped.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(stripped)) return Number.NaN;
  const digits = "\\d+(?:_\\d+)*";
  const number = new RegExp(`^[+-]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:e[+-]?${digits})?$`, "i");
  if (!number.test(stripped)) return { problem: `could not convert string to float: ${pythonRepr(text)}` };
  return Number(stripped.replaceAll("_", ""));
}

/** Decimal digits of any script as 0-9. They stand in rows of ten that begin with the script's zero. */
function plainDigits(text: string): string {
  return text.replace(/[^\P{Nd}0-9]/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let first = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
    return String((code - first) % 10);
  });
}
