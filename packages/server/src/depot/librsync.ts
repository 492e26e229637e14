import { statSync } from "node:fs";
import { resolve } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { inWorker } from "@opsi-ts/opsi-package";
import { systemErrorRepr, systemErrorText } from "./system-error.ts";

const failure = (text: string, cause?: unknown) => new OpsiError("BackendIOError", text, { cause });

/** Base64 in lines of 76 characters, as Python writes it. */
function base64Lines(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("base64")
    .replace(/.{1,76}/g, "$&\n");
}

/** @throws BackendIOError: unlike `Buffer.from` nothing is skipped */
function fromBase64(text: string): Buffer {
  const compact = text.replace(/\s/g, "");
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 === 0) return Buffer.from(compact, "base64");
  throw failure("Failed to create librsync delta file: Incorrect padding");
}

/** `depot_librsyncSignature` (packages 3.1) */
export async function signature(path: string): Promise<string> {
  try {
    statSync(path);
    return base64Lines(await inWorker("librsyncSignature", [path]));
  } catch (error) {
    const reason = `Failed to get librsync signature from ${path}: ${systemErrorRepr(error)}`;
    throw failure(`Failed to get librsync signature: ${reason}`, error);
  }
}

/** `depot_librsyncDeltaFile` */
export async function writeDelta(path: string, signatureText: string, target: string): Promise<void> {
  const bytes = fromBase64(signatureText);
  try {
    statSync(path);
    await inWorker("writeLibrsyncDelta", [path, bytes, target]);
  } catch (error) {
    throw failure(`Failed to create librsync delta file: ${systemErrorText(error, path)}`, error);
  }
}

/** `depot_librsyncPatchFile`: the three files must differ. */
export async function patchFile(oldfile: string, deltafile: string, newfile: string): Promise<void> {
  const files = { oldfile, deltafile, newfile };
  for (const [one, other] of [
    ["oldfile", "deltafile"],
    ["oldfile", "newfile"],
    ["deltafile", "newfile"],
  ] as const) {
    if (resolve(files[one]) !== resolve(files[other])) continue;
    throw failure(`Failed to patch file: ${one} and ${other} are the same file`);
  }
  try {
    await inWorker("writeLibrsyncPatched", [oldfile, deltafile, newfile]);
  } catch (error) {
    throw failure(`Failed to patch file: ${systemErrorText(error, oldfile)}`, error);
  }
}
