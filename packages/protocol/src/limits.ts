import { type ErrorClass, OpsiError } from "@opsi-ts/model";

/** What one body may cost. Every bound is checked before memory is taken for what exceeds it. */
export interface Limits {
  /** Bytes as they came over the line. */
  readonly compressedBytes: number;
  /** Bytes after decompression. */
  readonly decodedBytes: number;
  /** Arrays and maps inside each other. */
  readonly depth: number;
  /** Arrays and maps in all: a pair of brackets takes twenty times its text. */
  readonly containers: number;
}

/**
 * Far beyond what clients send (hardware inventories have a few hundred KiB), little enough for a server with 2 GiB:
 * values can take ten times the memory of their text.
 */
export const defaultLimits: Limits = {
  compressedBytes: 32_000_000,
  decodedBytes: 64_000_000,
  depth: 200,
  containers: 500_000,
};

/** The bounds that a decoder of one format has to know. Without a number of containers any number is fine. */
export type StructureLimits = Pick<Limits, "depth"> & Partial<Pick<Limits, "containers">>;

/** A body that is larger or deeper than the receiver allows. `limit` says which bound, `maximum` where it lies. */
export class LimitError extends OpsiError {
  readonly limit: keyof Limits;
  readonly maximum: number;

  constructor(limit: keyof Limits, maximum: number, errorClass: ErrorClass = "ValueError") {
    super(errorClass, texts[limit](maximum), { field: limit });
    this.limit = limit;
    this.maximum = maximum;
  }
}

const texts: Record<keyof Limits, (maximum: number) => string> = {
  compressedBytes: (maximum) => `Body is larger than ${maximum} bytes`,
  decodedBytes: (maximum) => `Body is larger than ${maximum} bytes after decompression`,
  depth: (maximum) => `Data is nested deeper than ${maximum} levels`,
  containers: (maximum) => `Data has more than ${maximum} arrays and objects`,
};
