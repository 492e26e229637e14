import { toBytes, toText } from "../text/bytes.ts";
import { type RegistryValue, registryTypes } from "./registry.ts";

const { text, expandText, texts, number, bigNumber } = registryTypes;

/** A text with its zero, as the registry keeps it. Byte strings. */
export const textValue = (value: string, type: number = text): RegistryValue => ({
  type,
  data: Buffer.from(`${toText(value)}\0`, "utf16le"),
});

/** Each text with its zero, one more at the end. An empty text would end the list. */
export const textsValue = (values: readonly string[]): RegistryValue => ({
  type: texts,
  data: Buffer.from(
    `${values
      .filter((value) => value !== "")
      .map((value) => `${toText(value)}\0`)
      .join("")}\0`,
    "utf16le",
  ),
});

/** 32 bits; what is larger loses its upper bits, as in the registry itself. */
export function numberValue(value: bigint): RegistryValue {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(Number(BigInt.asUintN(32, value)));
  return { type: number, data };
}

export function bigNumberValue(value: bigint): RegistryValue {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt.asUintN(64, value));
  return { type: bigNumber, data };
}

/** The texts of a value that holds several, without their zeros. */
export function registryTexts({ data }: RegistryValue): string[] {
  const parts = toBytes(data.toString("utf16le")).split("\0");
  while (parts.at(-1) === "") parts.pop();
  return parts;
}

/** A value as scripts see it: texts, several joined by `|`, numbers in decimal, everything else as hex bytes. */
export function registryText(value: RegistryValue): string {
  const { type, data } = value;
  if (type === text || type === expandText) return toBytes(data.toString("utf16le")).replace(/\0.*$/s, "");
  if (type === texts) return registryTexts(value).join("|");
  if (type === number && data.length === 4) return String(data.readUInt32LE());
  if (type === bigNumber && data.length === 8) return String(data.readBigUInt64LE());
  return data.toString("hex").replace(/..(?=.)/g, "$& ");
}
