import { rmSync } from "node:fs";
import { type CompanionOptions, writeCompanionFiles } from "./companion-files.ts";
import { formatContentFile, readContents } from "./content-file.ts";
import type { PackageControl } from "./control/package-control.ts";
import { applyRights, type OwnerIds, type Rights } from "./folder-rights.ts";
import { KnownHashes } from "./known-hashes.ts";
import { librsyncDelta } from "./librsync/delta.ts";
import { librsyncPatch } from "./librsync/patch.ts";
import { librsyncSignature } from "./librsync/signature.ts";
import { type MakeOptions, makePackage } from "./make-package.ts";
import { extractPackage, type UnpackOptions, unpackPackage } from "./unpack-package.ts";
import { writeDurably, writeWhole } from "./write-whole.ts";
import { findBlocks } from "./zsync/find-blocks.ts";
import { hashFile, md5OfFile } from "./zsync/hash-file.ts";
import type { ZsyncFile } from "./zsync/zsync-file.ts";

export interface OperationControl {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: object) => void;
}

/** Options without what cannot be sent to another thread. */
type Plain<T> = Omit<T, "signal" | "onProgress" | "clientDataHashes">;

/** What takes long or blocks: each of these can run in a worker thread, see `inWorker`. */
export const packageOperations = {
  extractPackage: (control: OperationControl, path: string, target: string, options: Plain<UnpackOptions> = {}) =>
    extractPackage(path, target, { ...options, ...control }),
  /** Also answers the sums of the files in `CLIENT_DATA`, for `writeContentFile`. */
  extractWithHashes: async (
    control: OperationControl,
    path: string,
    target: string,
    options: Plain<UnpackOptions> = {},
  ): Promise<{ control: PackageControl; hashes: string }> => {
    const hashes = new KnownHashes();
    const found = await extractPackage(path, target, { ...options, ...control, clientDataHashes: hashes });
    return { control: found, hashes: hashes.toString() };
  },
  unpackPackage: (control: OperationControl, path: string, target: string, options: Plain<UnpackOptions> = {}) =>
    unpackPackage(path, target, { ...options, ...control }),
  makePackage: (control: OperationControl, source: string, options: Plain<MakeOptions> = {}) =>
    makePackage(source, { ...options, ...control }),
  writeCompanionFiles: ({ signal }: OperationControl, path: string, options: Plain<CompanionOptions> = {}) =>
    writeCompanionFiles(path, { ...options, signal }),
  hashFile: ({ signal }: OperationControl, path: string) => hashFile(path, { signal }),
  md5OfFile: ({ signal }: OperationControl, path: string) => md5OfFile(path, signal),
  findBlocks: ({ signal }: OperationControl, zsync: ZsyncFile, paths: readonly string[]) =>
    findBlocks(zsync, paths, signal),
  librsyncSignature: ({ signal }: OperationControl, path: string) => librsyncSignature(path, signal),
  /** The delta that makes the file of the one with the signature, into a file. */
  writeLibrsyncDelta: ({ signal }: OperationControl, path: string, signature: Uint8Array, target: string) =>
    writeWhole(target, (file) => librsyncDelta(path, signature, file, signal)),
  /** The file that a delta makes of an old one. */
  writeLibrsyncPatched: ({ signal }: OperationControl, oldPath: string, deltaPath: string, target: string) =>
    writeWhole(target, (file) => librsyncPatch(oldPath, deltaPath, file, signal)),
  /**
   * Writes `<productId>.files` into a product's folder; returns the links that lead nowhere.
   *
   * @param hashes of `extractWithHashes`: files that are as they were then are not read again
   */
  writeContentFile: async (
    { signal }: OperationControl,
    folder: string,
    productId: string,
    hashes = "",
  ): Promise<string[]> => {
    const brokenLinks: string[] = [];
    const except = `${productId}.files`;
    const entries = await readContents(folder, {
      ...{ except, signal, known: new KnownHashes(hashes) },
      onBrokenLink: (path) => brokenLinks.push(path),
    });
    await writeDurably(`${folder}/${except}`, formatContentFile(entries));
    return brokenLinks;
  },
  applyRights: async (_control: OperationControl, path: string, rights: Rights, owner: OwnerIds): Promise<void> =>
    applyRights(path, rights, owner),
  /** What is not there is removed already. */
  removeFolder: async (_control: OperationControl, path: string): Promise<void> =>
    rmSync(path, { recursive: true, force: true }),
};

export type PackageOperations = typeof packageOperations;
export type OperationName = keyof PackageOperations;
