import { OpsiError } from "@opsi-ts/model";

/**
 * Why a package is refused.
 * `hostile`: it would write, link or read outside of its target, create devices or pipes, or fill the disk;
 * `damaged`: truncated, wrong checksum, contradictory; `unsupported`: a format or name that we cannot unpack;
 * `control`: the control file is missing or wrong.
 */
export type PackageFault = "hostile" | "damaged" | "unsupported" | "control";

/** A package, or a file beside it, cannot be used as it is. Nothing was left behind. */
export class PackageError extends OpsiError {
  readonly fault: PackageFault;

  constructor(fault: PackageFault, message: string, cause?: unknown) {
    super("ValueError", message, { cause });
    this.fault = fault;
  }
}

export const hostile = (message: string): PackageError => new PackageError("hostile", message);
export const damaged = (message: string, cause?: unknown): PackageError => new PackageError("damaged", message, cause);
export const unsupported = (message: string, cause?: unknown): PackageError =>
  new PackageError("unsupported", message, cause);
export const controlError = (message: string, cause?: unknown): PackageError =>
  new PackageError("control", message, cause);
