import { crc32 } from "./bzip2-decode.ts";

/*
 * Writes the format that is described at the head of `bzip2-decode.ts`. It is here because no maintained library does it,
 * and packages for sites that ask for bz2 are rare: the order of rotations is found by doubling, which is plain and
 * never slow for odd data, but several times slower than bzip2 itself.
 */

const blockLimit = 900_000 - 19;
const groupSize = 50;
const longestCode = 17;

/** Compresses to one bzip2 stream with blocks of 900 kB. */
export async function* encodeBzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bits = new BitWriter();
  for (const byte of Buffer.from("BZh9")) bits.write(byte, 8);
  let combined = 0;
  const finish = (block: BlockInput) => {
    const checksum = crc32(block.original());
    combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
    encodeBlock(bits, block.runs(), checksum);
  };
  let block = new BlockInput();
  for await (const chunk of source) {
    for (let offset = 0; offset < chunk.length; ) {
      offset += block.append(chunk.subarray(offset));
      if (!block.full) continue;
      finish(block);
      block = new BlockInput();
      yield bits.take();
    }
  }
  if (!block.empty) finish(block);
  writeMagic(bits, 0x177245, 0x385090, combined);
  bits.align();
  yield bits.take();
}

/** Bytes of a block, and the same with runs of four equal bytes followed by the number of further ones. */
class BlockInput {
  readonly #encoded = new Uint8Array(blockLimit + 16);
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #last = -1;
  #run = 0;

  get full(): boolean {
    return this.#size >= blockLimit;
  }

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Takes as much as fits and returns how much that was. */
  append(data: Uint8Array): number {
    let taken = 0;
    while (taken < data.length && this.#size < blockLimit) this.#push(data[taken++] as number);
    this.#pieces.push(data.slice(0, taken));
    return taken;
  }

  original(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  runs(): Uint8Array {
    return this.#encoded.subarray(0, this.#size);
  }

  #push(byte: number): void {
    if (byte !== this.#last || this.#run === 255) {
      this.#last = byte;
      this.#run = 1;
      this.#encoded[this.#size++] = byte;
      return;
    }
    this.#run++;
    if (this.#run <= 4) this.#encoded[this.#size++] = byte;
    if (this.#run === 4) this.#encoded[this.#size++] = 0;
    else if (this.#run > 4) this.#encoded[this.#size - 1] = this.#run - 4;
  }
}

function encodeBlock(bits: BitWriter, data: Uint8Array, checksum: number): void {
  const { last, origin } = transform(data);
  const { symbols, used } = moveToFront(last);
  writeMagic(bits, 0x314159, 0x265359, checksum);
  bits.write(0, 1);
  bits.write(origin, 24);
  writeUsedBytes(bits, used);
  writeSymbols(bits, symbols, used.length + 2);
}

function writeMagic(bits: BitWriter, high: number, low: number, checksum: number): void {
  bits.write(high, 24);
  bits.write(low, 24);
  bits.write(checksum >>> 16, 16);
  bits.write(checksum & 0xffff, 16);
}

/** Burrows-Wheeler: the last column of the sorted rotations, and which of them is the text itself. */
function transform(data: Uint8Array): { last: Uint8Array; origin: number } {
  const order = sortRotations(data);
  const size = data.length;
  const last = new Uint8Array(size);
  let origin = 0;
  for (let index = 0; index < size; index++) {
    const start = order[index] as number;
    if (start === 0) origin = index;
    last[index] = data[start === 0 ? size - 1 : start - 1] as number;
  }
  return { last, origin };
}

/** Sorts by the first byte, then by twice as many bytes each round, with counting sort. */
function sortRotations(data: Uint8Array): Int32Array {
  const size = data.length;
  const order = new Int32Array(size);
  const other = new Int32Array(size);
  let ranks = new Int32Array(size);
  let nextRanks = new Int32Array(size);
  const counts = new Int32Array(Math.max(256, size) + 1);
  for (let index = 0; index < size; index++) increment(counts, (data[index] as number) + 1);
  for (let value = 0; value < 256; value++)
    counts[value + 1] = (counts[value + 1] as number) + (counts[value] as number);
  for (let index = 0; index < size; index++) order[increment(counts, data[index] as number)] = index;
  let classes = 0;
  for (let index = 0; index < size; index++) {
    const place = order[index] as number;
    if (index > 0 && data[place] !== data[order[index - 1] as number]) classes++;
    ranks[place] = classes;
  }
  for (let length = 1; length < size && classes < size - 1; length *= 2) {
    for (let index = 0; index < size; index++) {
      const start = (order[index] as number) - length;
      other[index] = start < 0 ? start + size : start;
    }
    counts.fill(0, 0, classes + 2);
    for (let index = 0; index < size; index++) increment(counts, (ranks[index] as number) + 1);
    for (let rank = 0; rank <= classes; rank++)
      counts[rank + 1] = (counts[rank + 1] as number) + (counts[rank] as number);
    for (let index = 0; index < size; index++) {
      const start = other[index] as number;
      order[increment(counts, ranks[start] as number)] = start;
    }
    classes = 0;
    let [previousRank, previousNext] = [-1, -1];
    for (let index = 0; index < size; index++) {
      const start = order[index] as number;
      const middle = start + length >= size ? start + length - size : start + length;
      const [rank, next] = [ranks[start] as number, ranks[middle] as number];
      if (index > 0 && (rank !== previousRank || next !== previousNext)) classes++;
      nextRanks[start] = classes;
      previousRank = rank;
      previousNext = next;
    }
    [ranks, nextRanks] = [nextRanks, ranks];
  }
  return order;
}

/** The value before. */
function increment(counts: Int32Array, index: number): number {
  const value = counts[index] as number;
  counts[index] = value + 1;
  return value;
}

/** Positions in a list that is kept in the order of last use; runs of zeros as numbers of the symbols 0 and 1. */
function moveToFront(last: Uint8Array): { symbols: Uint16Array; used: number[] } {
  const seen = new Uint8Array(256);
  for (const byte of last) seen[byte] = 1;
  const used = Array.from(seen.keys()).filter((byte) => seen[byte]);
  const front = Uint8Array.from(used);
  const symbols = new Uint16Array(last.length + 1);
  let size = 0;
  let zeros = 0;
  const endRun = () => {
    for (let run = zeros; run > 0; run = (run - 1) >> 1) symbols[size++] = (run - 1) & 1;
    zeros = 0;
  };
  for (const byte of last) {
    if (front[0] === byte) {
      zeros++;
      continue;
    }
    endRun();
    let position = 1;
    while (front[position] !== byte) position++;
    front.copyWithin(1, 0, position);
    front[0] = byte;
    symbols[size++] = position + 1;
  }
  endRun();
  symbols[size++] = used.length + 1;
  return { symbols: symbols.subarray(0, size), used };
}

function writeUsedBytes(bits: BitWriter, used: readonly number[]): void {
  const groups = new Uint16Array(16);
  for (const byte of used) groups[byte >> 4] = (groups[byte >> 4] as number) | (0x8000 >> (byte & 15));
  bits.write(
    groups.reduce((mask, group, index) => (group ? mask | (0x8000 >> index) : mask), 0),
    16,
  );
  for (const group of groups) if (group) bits.write(group, 16);
}

/** Groups of 50 symbols choose among several Huffman tables; tables and choices are improved in turns. */
function writeSymbols(bits: BitWriter, symbols: Uint16Array, alphabet: number): void {
  const groupCount = Math.ceil(symbols.length / groupSize);
  const tableCount =
    symbols.length < 200 ? 2 : symbols.length < 600 ? 3 : symbols.length < 1200 ? 4 : symbols.length < 2400 ? 5 : 6;
  let tables = initialTables(symbols, alphabet, tableCount);
  const choices = new Uint8Array(groupCount);
  for (let round = 0; round < 4; round++) {
    const frequencies = tables.map(() => new Uint32Array(alphabet));
    for (let group = 0; group < groupCount; group++) {
      const part = symbols.subarray(group * groupSize, (group + 1) * groupSize);
      const choice = cheapest(tables, part);
      choices[group] = choice;
      const frequency = frequencies[choice] as Uint32Array;
      for (const symbol of part) frequency[symbol] = (frequency[symbol] as number) + 1;
    }
    tables = frequencies.map(codeLengths);
  }
  bits.write(tableCount, 3);
  bits.write(groupCount, 15);
  writeChoices(bits, choices, tableCount);
  for (const lengths of tables) writeTable(bits, lengths);
  const codes = tables.map(canonicalCodes);
  for (let index = 0; index < symbols.length; index++) {
    const choice = choices[Math.trunc(index / groupSize)] as number;
    const symbol = symbols[index] as number;
    bits.write((codes[choice] as Uint32Array)[symbol] as number, (tables[choice] as Uint8Array)[symbol] as number);
  }
}

/** To begin with, each table is good at a range of symbols that makes up an equal share. */
function initialTables(symbols: Uint16Array, alphabet: number, tableCount: number): Uint8Array[] {
  const frequency = new Uint32Array(alphabet);
  for (const symbol of symbols) frequency[symbol] = (frequency[symbol] as number) + 1;
  let start = 0;
  let remaining = symbols.length;
  return Array.from({ length: tableCount }, (_, table) => {
    const share = remaining / (tableCount - table);
    let end = start;
    let sum = 0;
    while (end < alphabet && (sum < share || end === start)) sum += frequency[end++] as number;
    remaining -= sum;
    const lengths = new Uint8Array(alphabet).fill(15);
    lengths.fill(0, start, end);
    start = end;
    return lengths;
  });
}

function cheapest(tables: readonly Uint8Array[], part: Uint16Array): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const [index, lengths] of tables.entries()) {
    let cost = 0;
    for (const symbol of part) cost += lengths[symbol] as number;
    if (cost < bestCost) [best, bestCost] = [index, cost];
  }
  return best;
}

/** Huffman; when a code gets too long, the frequencies are made more equal. Each symbol has a code. */
function codeLengths(frequency: Uint32Array): Uint8Array {
  let weights = Array.from(frequency, (count) => Math.max(1, count));
  for (;;) {
    const lengths = huffman(weights);
    if (Math.max(...lengths) <= longestCode) return lengths;
    weights = weights.map((weight) => 1 + (weight >> 1));
  }
}

/** Two queues: leaves by weight, and inner nodes, which come up in the order of their weight. */
function huffman(weights: readonly number[]): Uint8Array {
  const count = weights.length;
  const leaves = Array.from(weights.keys()).sort((a, b) => (weights[a] as number) - (weights[b] as number));
  const nodeWeights = [...weights];
  const parents = new Int32Array(2 * count - 1).fill(-1);
  let leaf = 0;
  let inner = count;
  const smallest = () => {
    const isLeaf =
      leaf < count &&
      (inner >= nodeWeights.length ||
        (nodeWeights[leaves[leaf] as number] as number) <= (nodeWeights[inner] as number));
    return isLeaf ? (leaves[leaf++] as number) : inner++;
  };
  while (nodeWeights.length < 2 * count - 1) {
    const [a, b] = [smallest(), smallest()];
    parents[a] = parents[b] = nodeWeights.length;
    nodeWeights.push((nodeWeights[a] as number) + (nodeWeights[b] as number));
  }
  const depths = new Uint8Array(2 * count - 1);
  for (let node = depths.length - 2; node >= 0; node--) depths[node] = (depths[parents[node] as number] as number) + 1;
  return depths.subarray(0, count);
}

function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= 20; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) codes[symbol] = code++;
    code <<= 1;
  }
  return codes;
}

function writeChoices(bits: BitWriter, choices: Uint8Array, tableCount: number): void {
  const front = Array.from({ length: tableCount }, (_, index) => index);
  for (const choice of choices) {
    const position = front.indexOf(choice);
    front.splice(position, 1);
    front.unshift(choice);
    for (let index = 0; index < position; index++) bits.write(1, 1);
    bits.write(0, 1);
  }
}

function writeTable(bits: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0] as number;
  bits.write(current, 5);
  for (const length of lengths) {
    for (; current < length; current++) bits.write(0b10, 2);
    for (; current > length; current--) bits.write(0b11, 2);
    bits.write(0, 1);
  }
}

class BitWriter {
  #data = new Uint8Array(1 << 20);
  #size = 0;
  #bits = 0;
  #count = 0;

  /** Up to 24 bits. */
  write(value: number, count: number): void {
    this.#bits = (this.#bits << count) | value;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      if (this.#size === this.#data.length) this.#grow();
      this.#data[this.#size++] = this.#bits >>> this.#count;
      this.#bits &= (1 << this.#count) - 1;
    }
  }

  align(): void {
    if (this.#count > 0) this.write(0, 8 - this.#count);
  }

  /** The whole bytes so far. */
  take(): Uint8Array {
    const taken = this.#data.slice(0, this.#size);
    this.#size = 0;
    return taken;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#data.length * 2);
    larger.set(this.#data);
    this.#data = larger;
  }
}
