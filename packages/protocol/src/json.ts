import { isUtf8 } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { OpsiError } from "@opsi-ts/model";
import { convertLeaves } from "./convert-leaves.ts";
import { JsonText } from "./json-text.ts";
import { LimitError, type StructureLimits } from "./limits.ts";

/**
 * Strict JSON: UTF-8 without byte order mark, no lone surrogates, duplicate keys: the last wins. (service §2.1)
 * Integers beyond 2^53 are rounded, except as `id` of a request or of a member of a batch: those become a bigint,
 * because the caller wants to see his id again.
 *
 * @throws OpsiError DecodeError for what is not JSON; LimitError for what is nested too deep
 */
export function decodeJson(bytes: Uint8Array, limits: StructureLimits): unknown {
  checkBytes(bytes, limits);
  const text = textOf(bytes);
  return checkedValue(parse(text), text);
}

/** The same for a large body: others get their turn between the steps. */
export async function decodeLargeJson(bytes: Uint8Array, limits: StructureLimits): Promise<unknown> {
  checkBytes(bytes, limits);
  await setImmediate();
  const text = textOf(bytes);
  await setImmediate();
  const value = parse(text);
  await setImmediate();
  return checkedValue(value, text);
}

function checkBytes(bytes: Uint8Array, limits: StructureLimits): void {
  if (!isUtf8(bytes)) throw new OpsiError("DecodeError", "JSON is malformed: invalid UTF-8");
  if (bytes.length > limits.depth) checkStructure(bytes, limits);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's message quotes the text, which may hold a password.
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    throw new OpsiError("DecodeError", `JSON is malformed${place === undefined ? "" : ` (character ${place})`}`);
  }
}

function checkedValue(value: unknown, text: string): unknown {
  if (/\\u[dD][89a-fA-F]/.test(text)) convertLeaves(value, refuseLoneSurrogates);
  return withExactIds(value, text);
}

/**
 * UTF-8 JSON. NaN and infinities become null, bytes base64 texts, dates ISO texts, bigints plain digits,
 * sets arrays, maps objects, undefined null. (service §2.4)
 */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(jsonText(value));
}

/** As encodeJson, as text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(convertLeaves(value, toJsonLeaf)) ?? "null";
}

function toJsonLeaf(leaf: unknown): unknown {
  if (typeof leaf === "bigint") return sourceJson.rawJSON(String(leaf));
  if (leaf === undefined) return null;
  if (leaf instanceof Uint8Array) {
    return Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString("base64");
  }
  if (leaf instanceof JsonText) return leaf.parse();
  return leaf;
}

function refuseLoneSurrogates(leaf: unknown): unknown {
  if (typeof leaf === "string" && !leaf.isWellFormed()) {
    throw new OpsiError("DecodeError", "JSON is malformed: unexpected end of escaped utf-16 surrogate pair");
  }
  return leaf;
}

/** Source text access of ECMAScript 2026; TypeScript's library does not know it yet. */
const sourceJson = JSON as unknown as {
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
};

const quote = 0x22;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;

/**
 * Looks at brackets outside of strings only; whether they match is the parser's business. Before the parser, because
 * that takes seconds for millions of open brackets. Hot: a third of the parser's time (measured with host objects).
 */
function checkStructure(bytes: Uint8Array, limits: StructureLimits): void {
  const { depth: maximum, containers: most = Number.MAX_SAFE_INTEGER } = limits;
  const size = bytes.length;
  let depth = 0;
  let containers = 0;
  let position = 0;
  while (position < size) {
    const byte = bytes[position++] as number;
    if (byte === quote) {
      while (position < size) {
        const inside = bytes[position++] as number;
        if (inside === quote) break;
        if (inside === backslash) position++;
      }
    } else if (byte >= leftBracket) {
      const bracket = byte & 0xdf; // braces differ from brackets by this one bit
      if (bracket === rightBracket) depth--;
      else if (bracket === leftBracket) {
        if (++depth > maximum) throw new LimitError("depth", maximum);
        if (++containers > most) throw new LimitError("containers", most);
      }
    }
  }
}

/** Ids that lost digits are read again from the source. Rare, so the second parse costs nobody anything. */
function withExactIds(value: unknown, text: string): unknown {
  if (!(Array.isArray(value) ? value : [value]).some(hasRoundedId)) return value;
  const exact = new Map<unknown, bigint>();
  const again = sourceJson.parse(text, function (key, member, { source = "" }) {
    if (key === "id" && typeof member === "number" && /^-?\d+$/.test(source)) exact.set(this, BigInt(source));
    return member;
  });
  for (const request of Array.isArray(again) ? again : [again]) {
    if (hasRoundedId(request)) request.id = exact.get(request) ?? request.id;
  }
  return again;
}

function hasRoundedId(request: unknown): request is { id: unknown } {
  if (typeof request !== "object" || request === null || !Object.hasOwn(request, "id")) return false;
  const { id } = request as { id: unknown };
  return typeof id === "number" && Number.isInteger(id) && !Number.isSafeInteger(id);
}
