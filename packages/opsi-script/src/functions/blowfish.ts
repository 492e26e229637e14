import { createHash } from "node:crypto";

const words = 18 + 4 * 256;

/** The cipher's constants are the binary digits of π behind the point: Machin's formula. */
function digitsOfPi(): Uint32Array {
  const bits = BigInt(words * 32 + 64);
  const one = 1n << bits;
  const arctangentOfInverse = (divisor: bigint) => {
    let power = one / divisor;
    let sum = power;
    const square = divisor * divisor;
    for (let index = 3n, sign = -1n; power > 0n; index += 2n, sign = -sign) {
      power /= square;
      sum += (sign * power) / index;
    }
    return sum;
  };
  const pi = 4n * (4n * arctangentOfInverse(5n) - arctangentOfInverse(239n));
  const hexadecimal = (pi - 3n * one).toString(16).padStart(Number(bits) / 4, "0");
  return Uint32Array.from({ length: words }, (_, index) =>
    Number.parseInt(hexadecimal.slice(index * 8, index * 8 + 8), 16),
  );
}

let constants: Uint32Array | null = null;

/** Blowfish, encrypting single blocks of two words: all that the feedback mode below needs. */
class Blowfish {
  readonly #p: Uint32Array;
  readonly #s: Uint32Array;

  constructor(key: Uint8Array) {
    constants ??= digitsOfPi();
    this.#p = constants.slice(0, 18);
    this.#s = constants.slice(18);
    for (let index = 0, position = 0; index < 18; index++) {
      let word = 0;
      for (let byte = 0; byte < 4; byte++, position = (position + 1) % key.length)
        word = (word << 8) | (key[position] ?? 0);
      this.#p[index] = (this.#p[index] ?? 0) ^ word;
    }
    let block: readonly [number, number] = [0, 0];
    for (const table of [this.#p, this.#s]) {
      for (let index = 0; index < table.length; index += 2) {
        block = this.encrypt(...block);
        [table[index], table[index + 1]] = block;
      }
    }
  }

  encrypt(left: number, right: number): readonly [number, number] {
    const p = this.#p;
    const s = this.#s;
    let first = left;
    let second = right;
    for (let round = 0; round < 16; round++) {
      first ^= p[round] ?? 0;
      const sum = ((s[first >>> 24] ?? 0) + (s[256 + ((first >>> 16) & 255)] ?? 0)) >>> 0;
      second ^= ((sum ^ (s[512 + ((first >>> 8) & 255)] ?? 0)) + (s[768 + (first & 255)] ?? 0)) >>> 0;
      [first, second] = [second, first];
    }
    [first, second] = [second, first];
    second ^= p[16] ?? 0;
    first ^= p[17] ?? 0;
    return [first >>> 0, second >>> 0];
  }
}

/** Cipher feedback of 8 bits; key: SHA-1 of the text, start value: the encrypted block of zeros (functions §4). */
function feedback(key: string, data: Buffer, decrypting: boolean): Buffer {
  const cipher = new Blowfish(createHash("sha1").update(Buffer.from(key, "latin1")).digest());
  const register = Buffer.alloc(8);
  const load = () => {
    const [left, right] = cipher.encrypt(register.readUInt32BE(0), register.readUInt32BE(4));
    const block = Buffer.alloc(8);
    block.writeUInt32BE(left, 0);
    block.writeUInt32BE(right, 4);
    return block;
  };
  load().copy(register);
  return Buffer.from(
    data.map((byte) => {
      const result = byte ^ (load()[0] ?? 0);
      register.copyWithin(0, 1);
      register[7] = decrypting ? byte : result;
      return result;
    }),
  );
}

export const encryptBlowfish = (key: string, data: Buffer): Buffer => feedback(key, data, false);
export const decryptBlowfish = (key: string, data: Buffer): Buffer => feedback(key, data, true);
