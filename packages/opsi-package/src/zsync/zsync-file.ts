import { damaged, unsupported } from "../package-error.ts";

/** What a `.zsync` file says of a package (packages 4.8). */
export interface ZsyncFile {
  readonly filename: string;
  /** Date of the file in the header, as text; opsi-makepackage leaves it out. */
  readonly modified: string | null;
  readonly blockSize: number;
  readonly length: number;
  /** How many blocks in a row must fit: 1 or 2. */
  readonly sequence: number;
  readonly rollingBytes: number;
  readonly checksumBytes: number;
  readonly url: string;
  /** Hexadecimal SHA-1 of the whole file. */
  readonly sha1: string;
  /** Rolling sum of each block, its last `rollingBytes` bytes. */
  readonly rollingSums: Uint32Array;
  /** First `checksumBytes` bytes of each block's MD4, one after the other. */
  readonly checksums: Uint8Array;
}

export type ZsyncParameters = Pick<ZsyncFile, "blockSize" | "sequence" | "rollingBytes" | "checksumBytes">;

/** How large blocks and sums have to be for a file of this size (packages 4.8). */
export function zsyncParameters(size: number): ZsyncParameters {
  const blockSize = size < 100_000_000 ? 2048 : 4096;
  const sequence = size > blockSize ? 2 : 1;
  if (size === 0) return { blockSize, sequence, rollingBytes: 2, checksumBytes: 3 };
  const [bits, blockBits, countBits] = [Math.log2(size), Math.log2(blockSize), Math.log2(1 + size / blockSize)];
  const rolling = Math.ceil((bits + blockBits - 8.6) / sequence / 8);
  return {
    blockSize,
    sequence,
    rollingBytes: Math.min(Math.max(rolling, 2), 4),
    checksumBytes: Math.max(Math.ceil((20 + bits + countBits) / sequence / 8), Math.floor((7.9 + 20 + countBits) / 8)),
  };
}

export const blockCount = ({ length, blockSize }: Pick<ZsyncFile, "length" | "blockSize">): number =>
  Math.ceil(length / blockSize);

const headerLimit = 1 << 16;
/** 4096 of these are 20 TB. */
const blockLimit = 5_000_000_000 / 4;

/**
 * Reads a `.zsync` file. Keys are case-insensitive, unknown keys are ignored.
 *
 * @throws PackageError for anything that is no zsync file with the parameters of packages 4.8
 */
export function parseZsync(bytes: Uint8Array): ZsyncFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.subarray(0, headerLimit).indexOf("\n\n");
  if (end < 0) throw damaged("Not a zsync file: its header has no end");
  const header = new Map<string, string>();
  for (const line of buffer.toString("utf8", 0, end).split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) throw damaged(`Bad line in the header of a zsync file: '${line}'`);
    header.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const field = (key: string) => {
    const value = header.get(key);
    if (value === undefined) throw damaged(`'${key}' is missing in the header of a zsync file`);
    return value;
  };
  const lengths = field("hash-lengths").split(",");
  const [sequence, rollingBytes, checksumBytes] = [
    wholeNumber(lengths[0], "Hash-Lengths", 1, 2),
    wholeNumber(lengths[1], "Hash-Lengths", 1, 4),
    wholeNumber(lengths[2], "Hash-Lengths", 3, 16),
  ];
  const blockSize = wholeNumber(field("blocksize"), "Blocksize", 2048, 4096);
  if (blockSize !== 2048 && blockSize !== 4096) throw unsupported(`Blocksize ${blockSize} of a zsync file`);
  const length = wholeNumber(field("length"), "Length", 0, Number.MAX_SAFE_INTEGER);
  const sha1 = field("sha-1").toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(sha1)) throw damaged("Bad SHA-1 in the header of a zsync file");
  const count = blockCount({ length, blockSize });
  const sums = buffer.subarray(end + 2);
  if (count > blockLimit || sums.length !== count * (rollingBytes + checksumBytes)) {
    throw damaged("The block sums of a zsync file do not add up to its Length");
  }
  return {
    filename: header.get("filename") ?? field("url"),
    modified: header.get("mtime") ?? null,
    ...{ blockSize, length, sequence, rollingBytes, checksumBytes, sha1 },
    url: header.get("url") ?? "",
    ...splitSums(sums, count, rollingBytes, checksumBytes),
  };
}

function splitSums(
  sums: Buffer,
  count: number,
  rollingBytes: number,
  checksumBytes: number,
): Pick<ZsyncFile, "rollingSums" | "checksums"> {
  const rollingSums = new Uint32Array(count);
  const checksums = new Uint8Array(count * checksumBytes);
  const step = rollingBytes + checksumBytes;
  for (let block = 0; block < count; block++) {
    const offset = block * step;
    rollingSums[block] = sums.readUIntBE(offset, rollingBytes);
    checksums.set(sums.subarray(offset + rollingBytes, offset + step), block * checksumBytes);
  }
  return { rollingSums, checksums };
}

/** The exact inverse of `parseZsync`, in the form that opsi writes ("legacy mode"). */
export function formatZsync(zsync: ZsyncFile): Uint8Array {
  const { sequence, rollingBytes, checksumBytes, modified } = zsync;
  const header = [
    "zsync: 0.6.2",
    `Filename: ${zsync.filename}`,
    ...(modified === null ? [] : [`MTime: ${modified}`]),
    `Blocksize: ${zsync.blockSize}`,
    `Length: ${zsync.length}`,
    `Hash-Lengths: ${sequence},${rollingBytes},${checksumBytes}`,
    `URL: ${zsync.url}`,
    `SHA-1: ${zsync.sha1}`,
  ];
  const count = blockCount(zsync);
  const step = rollingBytes + checksumBytes;
  const sums = Buffer.alloc(count * step);
  for (let block = 0; block < count; block++) {
    sums.writeUIntBE(zsync.rollingSums[block] ?? 0, block * step, rollingBytes);
    const checksum = zsync.checksums.subarray(block * checksumBytes, (block + 1) * checksumBytes);
    sums.set(checksum, block * step + rollingBytes);
  }
  return Buffer.concat([Buffer.from(`${header.join("\n")}\n\n`), sums]);
}

function wholeNumber(text: string | undefined, key: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text?.trim() ?? "") ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw damaged(`Bad ${key} in the header of a zsync file: '${text}'`);
  return value;
}
