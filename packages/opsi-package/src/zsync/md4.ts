/**
 * MD4 (RFC 1320) of one block, for zsync. OpenSSL has it no longer switched on.
 *
 * Hot: called for every block of a package when its zsync file is made.
 */
export class Md4 {
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #digest = new Uint32Array(4);
  readonly #size: number;

  /** `size`: length of the blocks, a multiple of 64. */
  constructor(size: number) {
    this.#size = size;
    this.#words = new Uint32Array(size / 4 + 16);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#words[size / 4] = 0x80;
    this.#words[size / 4 + 14] = size * 8;
  }

  /** 16 bytes, valid until the next call. A shorter block counts as filled up with zeros. */
  digest(block: Uint8Array): Uint8Array {
    this.#bytes.set(block);
    if (block.length < this.#size) this.#bytes.fill(0, block.length, this.#size);
    const [words, digest] = [this.#words, this.#digest];
    digest[0] = 0x67452301;
    digest[1] = 0xefcdab89;
    digest[2] = 0x98badcfe;
    digest[3] = 0x10325476;
    for (let offset = 0; offset < words.length; offset += 16) compress(digest, words, offset);
    return new Uint8Array(digest.buffer);
  }

  /** The same for a block that counts as long as it is, e.g. the last one of a file. */
  digestExact(block: Uint8Array): Uint8Array {
    if (block.length === this.#size) return this.digest(block);
    const length = Math.ceil((block.length + 9) / 64) * 64;
    const padded = new Uint8Array(length);
    padded.set(block);
    padded[block.length] = 0x80;
    new DataView(padded.buffer).setUint32(length - 8, block.length * 8, true);
    const words = new Uint32Array(padded.buffer);
    const digest = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
    for (let offset = 0; offset < words.length; offset += 16) compress(digest, words, offset);
    return new Uint8Array(digest.buffer);
  }
}

const f = (a: number, b: number, c: number, d: number, x: number, s: number): number => {
  const t = (a + (d ^ (b & (c ^ d))) + x) | 0;
  return (t << s) | (t >>> (32 - s));
};
const g = (a: number, b: number, c: number, d: number, x: number, s: number): number => {
  const t = (a + ((b & c) | (d & (b | c))) + x + 0x5a827999) | 0;
  return (t << s) | (t >>> (32 - s));
};
const h = (a: number, b: number, c: number, d: number, x: number, s: number): number => {
  const t = (a + (b ^ c ^ d) + x + 0x6ed9eba1) | 0;
  return (t << s) | (t >>> (32 - s));
};

function compress(state: Uint32Array, words: Uint32Array, o: number): void {
  const x = (index: number): number => (words[o + index] as number) | 0;
  let a = (state[0] as number) | 0;
  let b = (state[1] as number) | 0;
  let c = (state[2] as number) | 0;
  let d = (state[3] as number) | 0;
  for (let i = 0; i < 16; i += 4) {
    a = f(a, b, c, d, x(i), 3);
    d = f(d, a, b, c, x(i + 1), 7);
    c = f(c, d, a, b, x(i + 2), 11);
    b = f(b, c, d, a, x(i + 3), 19);
  }
  for (let i = 0; i < 4; i++) {
    a = g(a, b, c, d, x(i), 3);
    d = g(d, a, b, c, x(i + 4), 5);
    c = g(c, d, a, b, x(i + 8), 9);
    b = g(b, c, d, a, x(i + 12), 13);
  }
  for (let j = 0; j < 4; j++) {
    const i = ((j & 1) << 1) | (j >> 1); // 0, 2, 1, 3
    a = h(a, b, c, d, x(i), 3);
    d = h(d, a, b, c, x(i + 8), 9);
    c = h(c, d, a, b, x(i + 4), 11);
    b = h(b, c, d, a, x(i + 12), 15);
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
}
