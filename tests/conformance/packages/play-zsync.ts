import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  findBlocks,
  hashFile,
  optimizedPlan,
  type Piece,
  parseZsync,
  plainPlan,
  type RemotePart,
  rebuildFile,
  type ZsyncFile,
} from "../../../packages/opsi-package/src/index.ts";
import type { Tally } from "../tally.ts";
import { Comparison } from "./compare.ts";

interface RecordedPair {
  readonly old: string;
  readonly new: string;
  readonly zsync: string;
  readonly header: Readonly<Record<string, string | number>>;
  readonly blocks: number;
  readonly plain: Bytes;
  readonly optimized: Bytes;
  readonly blockInfosFirst: readonly { readonly rsum: number; readonly checksum: string }[];
}

interface Bytes {
  readonly localBytes: number;
  readonly remoteBytes: number;
}

/** A stored zsync file against the package beside it: all blocks are in it, length and SHA-1 are right. */
export async function playZsync(comparison: Comparison, zsync: ZsyncFile, path: string): Promise<void> {
  const found = await findBlocks(zsync, [path]);
  comparison.holds("zsync/blocks", !found.sources.includes(-1), "not all blocks were found in the package itself");
  const content = await readFile(path);
  comparison.equal("zsync/length", zsync.length, content.length);
  comparison.equal("zsync/sha1", zsync.sha1, createHash("sha1").update(content).digest("hex"));
}

/** Downloads between two packages: what comes from the old file and what from the server. */
export async function playZsyncPairs(tally: Tally, directory: string, scratch: string): Promise<void> {
  const record = join(directory, "zsync-pairs.json");
  if (!existsSync(record)) return;
  for (const pair of JSON.parse(await readFile(record, "utf8")) as RecordedPair[]) {
    const [old, wanted, stored] = [pair.old, pair.new, pair.zsync].map((name) => join(directory, name));
    if (!old || !wanted || !stored || ![old, wanted, stored].every((path) => existsSync(path))) continue;
    const comparison = new Comparison(tally, `zsync-pairs.json/${pair.old} -> ${pair.new}`);
    await comparison.step("pair", async () => {
      const own = (await hashFile(wanted)).zsync;
      for (const [name, zsync] of Object.entries({ read: parseZsync(await readFile(stored)), written: own })) {
        comparison.equal(`${name}/header`, pair.header, header(zsync));
        comparison.equal(`${name}/blocks`, pair.blocks, zsync.rollingSums.length);
        comparison.equal(`${name}/first blocks`, pair.blockInfosFirst, firstBlocks(zsync, pair.blockInfosFirst.length));
        const plain = plainPlan(zsync, await findBlocks(zsync, [old]));
        comparison.equal(`${name}/plain`, bytesOf(pair.plain), bytes(plain));
        comparison.equal(`${name}/optimized`, bytesOf(pair.optimized), bytes(optimizedPlan(plain)));
      }
      const target = join(scratch, "rebuilt");
      const { remoteBytes } = await rebuildFile(own, [old], target, (pieces) => readRanges(wanted, pieces));
      comparison.holds("fetched", remoteBytes <= pair.optimized.remoteBytes, `fetched ${remoteBytes} bytes`);
      comparison.holds("rebuilt", (await readFile(target)).equals(await readFile(wanted)), "other bytes");
    });
  }
}

/** Stands for the server: parts of the file, not in the order of the ranges. */
async function* readRanges(path: string, pieces: readonly Piece[]): AsyncGenerator<RemotePart> {
  await using file = await open(path, "r");
  for (const { start, size } of pieces.toReversed()) {
    const half = size >> 1;
    for (const [offset, length] of [
      [half, size - half],
      [0, half],
    ] as const) {
      const data = Buffer.alloc(length);
      await file.read(data, 0, length, start + offset);
      yield { start: start + offset, data };
    }
  }
}

const header = (zsync: ZsyncFile) => ({
  zsync: "0.6.2",
  filename: zsync.filename,
  url: zsync.url,
  sha1: zsync.sha1,
  length: zsync.length,
  block_size: zsync.blockSize,
  seq_matches: zsync.sequence,
  rsum_bytes: zsync.rollingBytes,
  checksum_bytes: zsync.checksumBytes,
});

function firstBlocks({ rollingSums, checksums, checksumBytes }: ZsyncFile, count: number) {
  return Array.from({ length: count }, (_, block) => ({
    rsum: rollingSums[block],
    checksum: Buffer.from(checksums.subarray(block * checksumBytes, (block + 1) * checksumBytes))
      .toString("hex")
      .padEnd(32, "0"),
  }));
}

const bytesOf = ({ localBytes, remoteBytes }: Bytes): Bytes => ({ localBytes, remoteBytes });

function bytes(pieces: readonly Piece[]): Bytes {
  const sum = (from: Piece["from"]) =>
    pieces.filter((piece) => piece.from === from).reduce((total, { size }) => total + size, 0);
  return { localBytes: sum("local"), remoteBytes: sum("remote") };
}
