import { blockCount, type ZsyncFile } from "./zsync-file.ts";

/** Where a piece of the new file comes from; `start` is its place in the new file. */
export type Piece =
  | { readonly from: "remote"; readonly start: number; readonly size: number }
  | {
      readonly from: "local";
      readonly start: number;
      readonly size: number;
      /** Index of the local file, and where the piece is in it. */
      readonly source: number;
      readonly offset: number;
    };

/** For each block of the new file the local file and the place in it where the block was found; -1 where it was not. */
export interface FoundBlocks {
  readonly sources: Int16Array;
  readonly offsets: Float64Array;
}

/** A gap between two remote ranges that costs less to fetch than another request does. */
const gapLimit = 16_384;

/** The pieces of which the new file is made, in order; adjacent ones are joined. (packages 4.9) */
export function plainPlan(zsync: ZsyncFile, { sources, offsets }: FoundBlocks): Piece[] {
  const pieces: Piece[] = [];
  const { blockSize, length } = zsync;
  for (let block = 0; block < blockCount(zsync); block++) {
    const start = block * blockSize;
    const size = Math.min(blockSize, length - start);
    const source = sources[block] ?? -1;
    const offset = offsets[block] ?? 0;
    const last = pieces.at(-1);
    if (source < 0) {
      if (last?.from === "remote") pieces[pieces.length - 1] = { ...last, size: last.size + size };
      else pieces.push({ from: "remote", start, size });
    } else if (last?.from === "local" && last.source === source && last.offset + last.size === offset) {
      pieces[pieces.length - 1] = { ...last, size: last.size + size };
    } else pieces.push({ from: "local", start, size, source, offset });
  }
  return pieces;
}

/** Remote ranges with small gaps become one; what lies between them is fetched again. (packages 4.9) */
export function optimizedPlan(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  let lastRemote = -1;
  for (const piece of pieces) {
    const previous = result[lastRemote];
    if (piece.from === "local" || previous === undefined) {
      result.push(piece);
    } else if (piece.start - (previous.start + previous.size) < gapLimit) {
      result.length = lastRemote + 1;
      result[lastRemote] = { from: "remote", start: previous.start, size: piece.start + piece.size - previous.start };
      continue;
    } else result.push(piece);
    if (piece.from === "remote") lastRemote = result.length - 1;
  }
  return result;
}

/** `bytes=0-2047,4096-6143`: values of `Range` headers with at most `limit` ranges each. */
export function rangeHeaders(pieces: readonly Piece[], limit = 30): string[] {
  const ranges = pieces
    .filter(({ from }) => from === "remote")
    .map(({ start, size }) => `${start}-${start + size - 1}`);
  const headers: string[] = [];
  for (let index = 0; index < ranges.length; index += limit) {
    headers.push(`bytes=${ranges.slice(index, index + limit).join(",")}`);
  }
  return headers;
}
