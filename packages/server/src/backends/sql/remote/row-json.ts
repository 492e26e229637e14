import type { Fragment } from "../fragment.ts";
import type { ColumnKind } from "../layout.ts";
import type { Row } from "./connection.ts";

/*
 * JSON text made of rows in our process. The JSON functions of the databases differ from each other, in blanks, in
 * the order of members and in numbers, and the servers that opsi allows do not all have them.
 */

/** Makes a text of a row. */
export type Part = (row: Row) => string;

/** The columns of a statement, each once. */
export class Columns {
  readonly #indexes = new Map<string, number>();
  readonly expressions: Fragment[] = [];

  /** The place of an expression in the row. */
  indexOf(expression: Fragment): number {
    const key = JSON.stringify(expression);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.expressions.push(expression) - 1;
      this.#indexes.set(key, index);
    }
    return index;
  }
}

export function constant(value: unknown): Part {
  const text = JSON.stringify(value);
  return () => text;
}

const zeroTime = "0000-00-00 00:00:00";
const isNothing = (value: unknown) => value === null || value === zeroTime;

/** What stands in a column as plain text, nothing for null. */
export function plainText(index: number, isReal = false): Part {
  return (row) => {
    const value = row[index];
    return value === null ? "" : numberOrText(value, isReal);
  };
}

/** Whole numbers beyond 2^53 arrive as text. A real number shows that it is one, as Python's do. */
const numberOrText = (value: unknown, isReal: boolean) =>
  isReal && Number.isInteger(value) ? `${value}.0` : String(value);

export const joined =
  (parts: readonly Part[]): Part =>
  (row) =>
    parts.map((part) => part(row)).join(";");

export const quoted =
  (part: Part): Part =>
  (row) =>
    JSON.stringify(part(row));

/** A column by what it holds. */
export function column(kind: ColumnKind, index: number, isReal = false): Part {
  switch (kind) {
    case "text":
    case "name":
      return (row) => JSON.stringify(row[index]);
    case "number":
      return (row) => (row[index] === null ? "null" : numberOrText(row[index], isReal));
    case "boolean":
      return (row) => (row[index] === null ? "null" : String(row[index] !== 0));
    case "timestamp":
      return (row) => (isNothing(row[index]) ? "null" : JSON.stringify(row[index]));
    case "list":
      return (row) => storedList(row[index]);
    default:
      return kind satisfies never;
  }
}

/** The same with a T between day and time. */
export const timeWithT =
  (index: number): Part =>
  (row) =>
    isNothing(row[index]) ? "null" : `"${String(row[index]).replace(" ", "T")}"`;

/** What is no list is shown as one element; a list that the original's database cut is no JSON any more. (storage 6.3) */
function storedList(text: unknown): string {
  if (typeof text !== "string") return "null";
  if (text.startsWith("[") && isJson(text)) return text;
  return isJson(text) ? `[${text}]` : JSON.stringify([text]);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A JSON array of the values behind `RemoteDialect.hexadecimals`. */
export function valueList(index: number, bool: boolean): Part {
  const element = (hex: string) => {
    const text = Buffer.from(hex, "hex").toString();
    return bool ? String(text === "1") : JSON.stringify(text);
  };
  return (row) => {
    const list = row[index];
    return typeof list === "string" ? `[${list.split(",").map(element).join(",")}]` : "[]";
  };
}

/** Null but in rows that have a 1 there. */
export const onlyWhere =
  (index: number, part: Part, nothing = "null"): Part =>
  (row) =>
    row[index] === 1 ? part(row) : nothing;

export function object(members: readonly (readonly [name: string, part: Part])[]): Part {
  const named = members.map(
    ([name, part], index) => [`${index > 0 ? "," : "{"}${JSON.stringify(name)}:`, part] as const,
  );
  return (row) => {
    let text = named.length > 0 ? "" : "{";
    for (const [name, part] of named) text += name + part(row);
    return `${text}}`;
  };
}

export const array =
  (elements: readonly Part[]): Part =>
  (row) =>
    `[${elements.map((part) => part(row)).join(",")}]`;
