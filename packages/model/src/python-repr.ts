/**
 * How Python prints a JSON value. Error texts and the conversion of values to strings follow it, and both are
 * visible to clients. (objects §1.1)
 */

/** `repr()`: strings quoted and escaped, `None`, `True`, lists and dicts as literals. */
export function pythonRepr(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (value instanceof Uint8Array) return `b${bytesRepr(value)}`;
  if (value !== null && typeof value === "object") {
    const described = (value as { [reprOf]?: () => string })[reprOf];
    if (described !== undefined) return described.call(value);
    const pairs = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`);
    return `{${pairs.join(", ")}}`;
  }
  return scalar(value);
}

/** `forceString`: a string stands for itself, bytes are decoded, everything else is printed as by repr. (objects §1.1) */
export function pythonString(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? utf8.decode(value) : pythonRepr(value);
}
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** True for what Python takes for a dict. */
export function isHash(value: unknown): value is Record<string, unknown> {
  return (
    value !== null &&
    typeof value === "object" &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}

/** The name that Python gives to the type of a JSON value, as it appears in error texts. */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Date) return "datetime.datetime";
  return Array.isArray(value) ? "list" : "dict";
}

/** Objects that print themselves (`<OpsiClient(id='pc1.example.org')>`) carry a function under this key. */
export const reprOf: unique symbol = Symbol("repr");

function scalar(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberRepr(value);
  return String(value);
}

/** JSON knows no difference between 5 and 5.0: whole numbers are printed as int. */
function numberRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value)) {
    if (Object.is(value, -0)) return "-0.0";
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
  }
  const [digits = "", exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4) return String(value);
  return `${digits}e-${String(-power).padStart(2, "0")}`;
}

const unprintable = /[\\\p{C}\p{Z}]/gu;

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // Most texts are plain words: the slow way only where there is something to escape.
  if (/^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/.test(text)) return quote + text + quote;
  const escaped = text.replace(unprintable, escapeCharacter);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function escapeCharacter(character: string): string {
  if (character === " ") return character;
  const named = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function bytesRepr(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[^\x20-\x5b\x5d-\x7e]/g, escapeCharacter);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
