import { damaged } from "../package-error.ts";

/*
 * bzip2: "BZh" and a digit (block size in 100 kB), then blocks and an end mark, as a stream of bits, most significant
 * first. Per block: magic 0x314159265359, CRC 32, randomised 1, origin 24, which byte values occur (16 + up to 16 * 16
 * bits), number of Huffman tables 3, number of selectors 15, the selectors (unary, move to front), the tables (code
 * lengths, delta coded), the symbols. Symbols are zero runs (RUNA, RUNB), move-to-front positions and an end mark. The
 * bytes that result are turned back from the Burrows-Wheeler order, and runs of four equal bytes carry a count.
 */

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const truncated = () => damaged("The bzip2 data are truncated");
const wrong = () => damaged("The bzip2 data are damaged");

/** Decompresses bzip2, also several streams one after the other. One block (up to 900 kB) is in memory at a time. */
export async function* decodeBzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bits = new BitReader(source);
  for (let first = true; ; first = false) {
    bits.alignToByte();
    if (!(await bits.ensure(4 * 8))) {
      if (first) throw truncated();
      return;
    }
    const isHeader = bits.read(8) === 0x42 && bits.read(8) === 0x5a && bits.read(8) === 0x68;
    const level = isHeader ? bits.read(8) - 0x30 : 0;
    if (level < 1 || level > 9) {
      if (first) throw wrong();
      return; // anything may stand behind the last stream, bzip2 ignores it too
    }
    yield* decodeStream(bits, level);
  }
}

/** A block in the worst case: 900 kB at 20 bits a symbol, tables and selectors. */
const blockBits = (level: number) => level * 100_000 * 20 + 18_002 * 6 + 6 * 258 * 40 + 1000;

async function* decodeStream(bits: BitReader, level: number): AsyncGenerator<Uint8Array> {
  const block = new Uint32Array(level * 100_000);
  let combined = 0;
  for (;;) {
    await bits.ensure(blockBits(level));
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    const checksum = bits.read32();
    if (magic === endMagic) {
      if (checksum !== combined) throw wrong();
      return;
    }
    if (magic !== blockMagic) throw wrong();
    if (bits.read(1) !== 0) throw damaged("Randomised bzip2 blocks, as of before 1997, are not supported");
    const origin = bits.read(24);
    const size = decodeSymbols(bits, block);
    if (origin >= size && size > 0) throw wrong();
    const output = new RunDecoder(size);
    undoTransform(block, size, origin, output);
    const data = output.finish();
    if (crc32(data) !== checksum) throw wrong();
    combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
    yield data;
  }
}

/** Huffman, move to front and zero runs. Fills the block's low bytes and returns their number. */
function decodeSymbols(bits: BitReader, block: Uint32Array): number {
  const values = readUsedBytes(bits);
  const tableCount = bits.read(3);
  const selectorCount = bits.read(15);
  if (values.length === 0 || tableCount < 2 || tableCount > 6 || selectorCount === 0) throw wrong();
  const selectors = readSelectors(bits, tableCount, selectorCount);
  const alphabet = values.length + 2;
  const tables = Array.from({ length: tableCount }, () => readTable(bits, alphabet));
  const endOfBlock = values.length + 1;
  let size = 0;
  let run = 0;
  let runBit = 0;
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? tableCount];
    if (!table) throw wrong();
    for (let index = 0; index < 50; index++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        if (runBit > 20) throw wrong();
        run += (symbol + 1) << runBit++;
        continue;
      }
      if (run > 0) {
        if (size + run > block.length) throw wrong();
        block.fill(values[0] ?? 0, size, size + run);
        size += run;
        run = runBit = 0;
      }
      if (symbol === endOfBlock) return size;
      if (size >= block.length) throw wrong();
      const value = values[symbol - 1] ?? 0;
      values.copyWithin(1, 0, symbol - 1);
      values[0] = value;
      block[size++] = value;
    }
  }
}

function readUsedBytes(bits: BitReader): Uint8Array {
  const groups = bits.read(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group++) {
    if (!(groups & (0x8000 >> group))) continue;
    const members = bits.read(16);
    for (let member = 0; member < 16; member++) if (members & (0x8000 >> member)) used.push(group * 16 + member);
  }
  return Uint8Array.from(used);
}

function readSelectors(bits: BitReader, tableCount: number, count: number): Uint8Array {
  const front = Array.from({ length: tableCount }, (_, index) => index);
  const selectors = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    let position = 0;
    while (bits.read(1)) if (++position >= tableCount) throw wrong();
    const [table = 0] = front.splice(position, 1);
    front.unshift(table);
    selectors[index] = table;
  }
  return selectors;
}

/** Canonical code: per length the last code of that length, and how far the symbols lie from the codes. */
interface Table {
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

function readTable(bits: BitReader, alphabet: number): Table {
  const lengths = new Uint8Array(alphabet);
  let length = bits.read(5);
  for (let symbol = 0; symbol < alphabet; symbol++) {
    while (bits.read(1)) length += bits.read(1) ? -1 : 1;
    if (length < 1 || length > 20) throw wrong();
    lengths[symbol] = length;
  }
  const counts = new Int32Array(22);
  for (const each of lengths) counts[each] = (counts[each] ?? 0) + 1;
  const symbols = new Uint16Array(alphabet);
  const limits = new Int32Array(22).fill(-1);
  const offsets = new Int32Array(22);
  let filled = 0;
  let code = 0;
  for (let each = 1; each <= 20; each++) {
    const count = counts[each] ?? 0;
    offsets[each] = filled - code;
    for (let symbol = 0; symbol < alphabet; symbol++) if (lengths[symbol] === each) symbols[filled++] = symbol;
    code += count;
    if (count > 0) limits[each] = code - 1;
    code <<= 1;
  }
  return { limits, offsets, symbols, shortest: Math.min(...lengths) };
}

function readSymbol(bits: BitReader, { limits, offsets, symbols, shortest }: Table): number {
  let code = bits.read(shortest);
  for (let length = shortest; length <= 20; length++) {
    if (code <= (limits[length] ?? -1)) {
      const symbol = symbols[code + (offsets[length] ?? 0)];
      if (symbol === undefined) throw wrong();
      return symbol;
    }
    code = (code << 1) | bits.read(1);
  }
  throw wrong();
}

/** Low bytes of the block: the last column. The upper bits become the way back through the text. */
function undoTransform(block: Uint32Array, size: number, origin: number, output: RunDecoder): void {
  const starts = new Uint32Array(256);
  for (let index = 0; index < size; index++) {
    const value = block[index] as number;
    starts[value] = (starts[value] as number) + 1;
  }
  for (let value = 0, sum = 0; value < 256; value++) {
    const count = starts[value] as number;
    starts[value] = sum;
    sum += count;
  }
  for (let index = 0; index < size; index++) {
    const value = (block[index] as number) & 0xff;
    const place = starts[value] as number;
    starts[value] = place + 1;
    block[place] = ((block[place] as number) & 0xff) | (index << 8);
  }
  let place = (block[origin] as number) >>> 8;
  for (let index = 0; index < size; index++) {
    const entry = block[place] as number;
    output.push(entry & 0xff);
    place = entry >>> 8;
  }
}

/** After four equal bytes comes the number of further ones. */
class RunDecoder {
  #data: Uint8Array;
  #size = 0;
  #last = -1;
  #equal = 0;

  constructor(size: number) {
    this.#data = new Uint8Array(size + 256);
  }

  push(byte: number): void {
    if (this.#equal === 4) {
      this.#reserve(byte);
      this.#data.fill(this.#last, this.#size, this.#size + byte);
      this.#size += byte;
      this.#equal = 0;
      this.#last = -1;
      return;
    }
    this.#equal = byte === this.#last ? this.#equal + 1 : 1;
    this.#last = byte;
    if (this.#size === this.#data.length) this.#reserve(1);
    this.#data[this.#size++] = byte;
  }

  finish(): Uint8Array {
    return this.#data.subarray(0, this.#size);
  }

  #reserve(count: number): void {
    if (this.#size + count <= this.#data.length) return;
    const larger = new Uint8Array((this.#size + count) * 2);
    larger.set(this.#data.subarray(0, this.#size));
    this.#data = larger;
  }
}

/** Bits of a stream, the most significant first. `ensure` is the only asynchronous part: it is called once per block. */
class BitReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #data: Uint8Array = new Uint8Array(0);
  #byte = 0;
  #bits = 0;
  #count = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Loads up to `bits` bits; false when there are fewer left. */
  async ensure(bits: number): Promise<boolean> {
    const missing = () => bits - this.#count - (this.#data.length - this.#byte) * 8;
    const parts = [this.#data.subarray(this.#byte)];
    let loaded = 0;
    while (!this.#ended && missing() - loaded * 8 > 0) {
      const { value, done } = await this.#chunks.next();
      if (done) this.#ended = true;
      else {
        parts.push(value);
        loaded += value.length;
      }
    }
    if (loaded > 0) {
      this.#data = Buffer.concat(parts);
      this.#byte = 0;
    }
    return missing() <= 0;
  }

  alignToByte(): void {
    const extra = this.#count % 8;
    this.#count -= extra;
    this.#bits &= (1 << this.#count) - 1;
  }

  /** Up to 24 bits. */
  read(count: number): number {
    while (this.#count < count) {
      const byte = this.#data[this.#byte++];
      if (byte === undefined) throw truncated();
      this.#bits = ((this.#bits << 8) | byte) & 0x7fffffff;
      this.#count += 8;
    }
    this.#count -= count;
    const value = this.#bits >> this.#count;
    this.#bits &= (1 << this.#count) - 1;
    return value;
  }

  read32(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** The CRC of bzip2, which goes through the bits in the other direction than zlib's. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (let index = 0; index < data.length; index++) {
    crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ (data[index] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}
