import { setImmediate } from "node:timers/promises";
import type { StructureLimits } from "./limits.ts";
import { checkMessagePack, lengthSizes, numberSizes, unpackChecked } from "./message-pack.ts";

/** What is decoded in one go: about a millisecond. */
const portion = 1 << 16;

/**
 * The same as decodeMessagePack for a large body: others get their turn while it is decoded.
 *
 * @throws OpsiError DecodeError for what is not MessagePack; LimitError for what is nested too deep
 */
export async function decodeLargeMessagePack(bytes: Uint8Array, limits: StructureLimits): Promise<unknown> {
  for (const _ of checkMessagePack(bytes, limits)) await setImmediate();
  return new Decoder(bytes).value();
}

/** Takes large maps and arrays apart; what is small goes to the library, as many values at a time as make a portion. */
class Decoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;
  /** Of the head that was read last: how many values are inside, and whether they are keys and values. */
  #members = 0;
  #isMap = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async value(): Promise<unknown> {
    const start = this.#position;
    const end = this.#endWithin(start, portion) ?? this.#readHead(start);
    if (this.#members > 0) {
      this.#position = end; // behind the head of something large
      return this.#isMap ? this.#map(this.#members / 2) : this.#array(this.#members);
    }
    this.#position = end;
    await setImmediate();
    return unpackChecked(this.#bytes.subarray(start, end))[0];
  }

  async #array(length: number): Promise<unknown[]> {
    const items: unknown[] = [];
    let taken = this.#position;
    for (let index = 0; index < length; index++) {
      const end = this.#endWithin(this.#position, portion);
      if (end === null || end - taken > portion) {
        for (const item of unpackChecked(this.#bytes.subarray(taken, this.#position))) items.push(item);
        await setImmediate();
        taken = this.#position;
      }
      if (end !== null) this.#position = end;
      else {
        items.push(await this.value());
        taken = this.#position;
      }
    }
    for (const item of unpackChecked(this.#bytes.subarray(taken, this.#position))) items.push(item);
    return items;
  }

  async #map(length: number): Promise<Record<string, unknown>> {
    const entries: [string, unknown][] = [];
    for (let index = 0; index < length; index++) {
      const key = String(await this.value());
      entries.push([key === "__proto__" ? "__proto_" : key, await this.value()]);
    }
    return Object.fromEntries(entries);
  }

  /** Where the value at `start` ends, null where that is farther away; leaves no members behind where it is found. */
  #endWithin(start: number, distance: number): number | null {
    let position = start;
    for (let open = 1; open > 0; open--) {
      position = this.#readHead(position);
      open += this.#members;
      if (position - start > distance) return null;
    }
    this.#members = 0;
    return position;
  }

  /** Reads the head at a position of checked bytes. @returns where the first value inside or the next one is */
  #readHead(position: number): number {
    const head = this.#bytes[position] as number;
    this.#members = 0;
    this.#isMap = (head & 0xf0) === 0x80 || head === 0xde || head === 0xdf;
    if (head < 0x80 || head >= 0xe0) return position + 1;
    if (head < 0x90) this.#members = (head & 0x0f) * 2;
    else if (head < 0xa0) this.#members = head & 0x0f;
    if (head < 0xa0) return position + 1;
    if (head < 0xc0) return position + 1 + (head & 0x1f);
    const lengthBytes = lengthSizes[head - 0xc0] ?? 0;
    const length = this.#lengthAt(position + 1, lengthBytes);
    const next = position + 1 + lengthBytes;
    if (head >= 0xdc) {
      this.#members = this.#isMap ? length * 2 : length;
      return next;
    }
    if (head >= 0xca && head <= 0xd3) return next + (numberSizes[head - 0xca] ?? 0);
    if (head >= 0xd4 && head <= 0xd8) return next + 1 + 2 ** (head - 0xd4); // the type of an extension, and its bytes
    return head >= 0xc7 && head <= 0xc9 ? next + 1 + length : next + length;
  }

  #lengthAt(position: number, size: number): number {
    if (size === 1) return this.#bytes[position] as number;
    if (size === 2) return this.#view.getUint16(position);
    return size === 4 ? this.#view.getUint32(position) : 0;
  }
}
