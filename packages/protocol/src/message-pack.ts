import { isUtf8 } from "node:buffer";
import { OpsiError } from "@opsi-ts/model";
import { type Options, Packr } from "msgpackr";
import { convertLeaves } from "./convert-leaves.ts";
import { JsonText } from "./json-text.ts";
import { LimitError, type StructureLimits } from "./limits.ts";

// Plain maps and arrays as everybody writes them: no records, no shared structures, no references.
// `int64AsType: "auto"` (numbers up to 2^53, bigints beyond) works but is missing in the library's types.
const packr = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  largeBigIntToFloat: true,
  int64AsType: "auto",
} as unknown as Options);

/**
 * One MessagePack value and nothing behind it. Bytes become Uint8Array (views of `bytes`), timestamps become Date,
 * integers beyond 2^53 bigint, a key `__proto__` becomes `__proto_`. Of the extensions only the timestamp is allowed.
 * (service §2.1, §2.4)
 *
 * @throws OpsiError DecodeError for what is not MessagePack; LimitError for what is nested too deep
 */
export function decodeMessagePack(bytes: Uint8Array, limits: StructureLimits): unknown {
  for (const _ of checkMessagePack(bytes, limits));
  return unpackChecked(bytes)[0];
}

/** The values that follow each other in bytes that were checked. */
export function unpackChecked(bytes: Uint8Array): unknown[] {
  if (bytes.length === 0) return [];
  try {
    return packr.unpackMultiple(bytes) as unknown[];
  } catch (error) {
    throw new OpsiError("DecodeError", "MessagePack is malformed", { cause: error });
  }
}

/** Integers up to 2^53 are written as integers, Date as timestamp extension, sets as arrays, undefined as nil. */
export function encodeMessagePack(value: unknown): Uint8Array {
  return packr.pack(convertLeaves(value, toMessagePackLeaf));
}

function toMessagePackLeaf(leaf: unknown): unknown {
  // The library writes numbers of more than 32 bits as floats, which Python then shows as 5000000000.0.
  if (typeof leaf === "number" && Number.isSafeInteger(leaf) && (leaf > 0xffffffff || leaf < -0x80000000)) {
    return BigInt(leaf);
  }
  if (leaf instanceof JsonText) return convertLeaves(leaf.parse(), toMessagePackLeaf);
  return leaf;
}

/**
 * Walks the structure without building anything, so that the library only ever sees a complete, bounded value:
 * no lengths beyond the data, no endless nesting, no extension that makes regular expressions or references.
 *
 * Stops now and then, so that the caller can let others have their turn.
 *
 *     fixmap 1000xxxx  fixarray 1001xxxx  fixstr 101xxxxx  nil/bool c0 c2 c3  bin c4-c6  ext c7-c9
 *     float ca cb  uint cc-cf  int d0-d3  fixext d4-d8  str d9-db  array dc dd  map de df
 */
export function* checkMessagePack(bytes: Uint8Array, limits: StructureLimits): Generator<void, void> {
  const { depth: maximumDepth, containers: most = Number.MAX_SAFE_INTEGER } = limits;
  let containers = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length;
  // Per open container: how many values are still to come, and whether it is a map (keys at even counts).
  const open: number[] = [];
  const maps: boolean[] = [];
  let position = 0;
  let started = false;
  let stopAt = stopBytes;
  while (!started || open.length > 0) {
    if (position > stopAt) {
      stopAt = position + stopBytes;
      yield;
    }
    const level = open.length - 1;
    let isKey = false;
    if (level >= 0) {
      const left = open[level] ?? 0;
      if (left === 0) {
        open.pop();
        maps.pop();
        continue;
      }
      isKey = maps[level] === true && left % 2 === 0;
      open[level] = left - 1;
    }
    started = true;
    if (position >= size) throw truncated();
    const head = bytes[position++] as number;
    let members = -1;
    let isMap = false;
    let text = -1;
    let skip = 0;
    if (head < 0x80 || head >= 0xe0) skip = 0;
    else if (head < 0x90) [members, isMap] = [head & 0x0f, true];
    else if (head < 0xa0) members = head & 0x0f;
    else if (head < 0xc0) text = head & 0x1f;
    else {
      const lengthBytes = lengthSizes[head - 0xc0] ?? 0;
      if (position + lengthBytes > size) throw truncated();
      let length = 0;
      if (lengthBytes === 1) length = bytes[position] as number;
      else if (lengthBytes === 2) length = view.getUint16(position);
      else if (lengthBytes === 4) length = view.getUint32(position);
      position += lengthBytes;
      if (head === 0xc1) throw malformed("unknown type 0xc1");
      if (head <= 0xc3) skip = 0;
      else if (head <= 0xc6) skip = length;
      else if (head <= 0xc9) skip = timestampSize(bytes, position, length);
      else if (head <= 0xd3) skip = numberSizes[head - 0xca] ?? 0;
      else if (head <= 0xd8) skip = timestampSize(bytes, position, 2 ** (head - 0xd4));
      else if (head <= 0xdb) text = length;
      else if (head <= 0xdd) members = length;
      else [members, isMap] = [length, true];
    }
    if (isKey && text < 0 && !(head < 0x80 || head >= 0xe0 || (head >= 0xcc && head <= 0xd3))) {
      throw malformed("map keys must be strings or integers");
    }
    if (members >= 0) {
      const values = isMap ? members * 2 : members;
      if (values > size - position) throw truncated();
      if (open.length >= maximumDepth) throw new LimitError("depth", maximumDepth);
      if (++containers > most) throw new LimitError("containers", most);
      open.push(values);
      maps.push(isMap);
    } else if (text >= 0) {
      if (position + text > size) throw truncated();
      checkText(bytes, position, position + text);
      position += text;
    } else {
      if (position + skip > size) throw truncated();
      position += skip;
    }
  }
  if (position !== size) throw malformed(`trailing characters (byte ${position})`);
}

/** Some milliseconds of looking. */
const stopBytes = 1 << 19;

/** Bytes that hold the length, from 0xc0 to 0xdf. */
export const lengthSizes = [
  0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4,
];
/** Bytes of the numbers from 0xca (float 32) to 0xd3 (int 64). */
export const numberSizes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

function timestampSize(bytes: Uint8Array, position: number, length: number): number {
  if (position >= bytes.length) throw truncated();
  if (bytes[position] !== 0xff) throw malformed(`extension type ${bytes[position]} is not supported`);
  if (length !== 4 && length !== 8 && length !== 12) throw malformed("bad length of a timestamp");
  return length + 1;
}

function checkText(bytes: Uint8Array, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    if ((bytes[index] as number) >= 0x80) {
      if (!isUtf8(bytes.subarray(from, to))) throw malformed("invalid UTF-8");
      return;
    }
  }
}

const truncated = () => new OpsiError("DecodeError", "Input data was truncated");
const malformed = (reason: string) => new OpsiError("DecodeError", `MessagePack is malformed: ${reason}`);
