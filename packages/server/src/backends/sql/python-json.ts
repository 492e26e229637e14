import { isOpsiObject, OpsiError } from "@opsi-ts/model";

const encodeText = (text: string) =>
  JSON.stringify(text).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** @throws TypeError for an object of opsi, which is no value */
function encode(value: unknown): string {
  if (isOpsiObject(value)) throw new OpsiError("TypeError", `Object of type ${value.type} is not JSON serializable`);
  if (typeof value === "string") return encodeText(value);
  if (Array.isArray(value)) return `[${value.map(encode).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${encodeText(key)}: ${encode(member)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/**
 * The text of a value list as the original stores it: separators with a blank, everything but ASCII escaped.
 * Filters on `values` compare this text. (objects 5.1)
 */
export const encodeValues = (values: readonly unknown[]): string => encode(values);
