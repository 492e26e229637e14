import { parse, TomlDate, TomlError } from "smol-toml";
import { fromValue, type Json } from "./json-value.ts";

/** A table of a TOML document; the library keeps integers (bigint) and floats (number) apart. */
export interface TomlTable {
  [key: string]: TomlValue;
}
export type TomlValue = string | bigint | number | boolean | TomlDate | TomlValue[] | TomlTable;

export const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);

/** `null` when the text is no TOML. Unicode texts. */
export function parseToml(text: string): TomlTable | null {
  try {
    return parse(text, { integersAsBigInt: true }) as TomlTable;
  } catch (error) {
    if (error instanceof TomlError) return null;
    throw error;
  }
}

const plainKey = /^[A-Za-z0-9_-]+$/;
const writeKey = (key: string) => (plainKey.test(key) ? key : JSON.stringify(key));

/** A value as it stands behind an equals sign. */
export function writeValue(value: TomlValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return writeFloat(value);
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[ ${value.map(writeValue).join(", ")} ]`;
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${writeKey(key)} = ${writeValue(member)}`)
    .join(", ")} }`;
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

const isTableArray = (value: TomlValue) => Array.isArray(value) && value.length > 0 && value.every(isTable);

/** A document: plain entries first, then a section for each table. */
export function writeToml(table: TomlTable, path: readonly string[] = []): string[] {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (!isTable(value) && !isTableArray(value)) lines.push(`${writeKey(key)} = ${writeValue(value)}`);
  }
  for (const [key, value] of Object.entries(table)) {
    const deeper = [...path, key];
    const name = deeper.map(writeKey).join(".");
    if (isTable(value)) {
      if (lines.length > 0) lines.push("");
      lines.push(`[${name}]`, ...writeToml(value, deeper));
    } else if (isTableArray(value)) {
      for (const element of value as TomlTable[]) {
        if (lines.length > 0) lines.push("");
        lines.push(`[[${name}]]`, ...writeToml(element, deeper));
      }
    }
  }
  return lines;
}

/** The value at a path such as `a.b.key`. */
export function findValue(table: TomlTable, path: string): TomlValue | undefined {
  let value: TomlValue | undefined = table;
  for (const key of path.split(".")) {
    if (!isTable(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The table that holds the last key of a path; missing ones are made on demand. */
export function holderOf(table: TomlTable, path: string, make: boolean): { table: TomlTable; key: string } | null {
  const keys = path.split(".");
  const key = keys.pop() ?? "";
  let holder = table;
  for (const name of keys) {
    let next = Object.hasOwn(holder, name) ? holder[name] : undefined;
    if (next === undefined && make) {
      next = {};
      Object.defineProperty(holder, name, { value: next, enumerable: true, writable: true, configurable: true });
    }
    if (!isTable(next)) return null;
    holder = next;
  }
  return key === "" ? null : { table: holder, key };
}

/** A value in TOML syntax, as the last argument of ModifyTOML; `undefined` when it is none. */
export const parseValueText = (text: string): TomlValue | undefined => parseToml(`value = ${text}`)?.["value"];

/** For JSON: dates become texts. */
export function toJson(value: TomlValue): Json {
  if (typeof value === "number") return { kind: "float", value };
  if (value instanceof TomlDate) return { kind: "string", value: value.toISOString() };
  if (Array.isArray(value)) return { kind: "array", elements: value.map(toJson) };
  if (typeof value !== "object") return fromValue(value);
  return { kind: "object", members: new Map(Object.entries(value).map(([key, member]) => [key, toJson(member)])) };
}
