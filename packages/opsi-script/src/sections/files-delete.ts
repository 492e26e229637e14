import { lstatSync, readdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { maskMatcher, splitMask } from "./file-mask.ts";

export interface DeleteOptions {
  readonly recursive: boolean;
  readonly force: boolean;
  /** Only files of at least this age. */
  readonly days: number | null;
  /** `delete`: a missing path is searched below its directory; `del` does not. */
  readonly search: boolean;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;
const protectedPaths: ReadonlySet<string> = new Set([
  "",
  "c:",
  "c:/windows",
  "c:/windows/system32",
  "c:/program files",
  "c:/program files (x86)",
  "/applications",
]);

/** On Windows, a path that begins with one delimiter means whatever drive happens to be the current one. */
const isProtected = (path: string, isWindows: boolean) =>
  protectedPaths.has(path.toLowerCase().replace(/\/+$/, "")) || (isWindows && /^\/(?!\/)/.test(path));

/** `del path` and `delete path`; what is missing is no error (sections §1). */
export function deleteFiles(context: Context, given: string, options: DeleteOptions): void {
  let path = toText(given);
  if (isProtected(path, context.platform.system === "windows")) {
    context.error(`By policy we will not delete ${given}`);
    return;
  }
  if (!path.endsWith("/") && lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) path += "/";
  const { folder, mask } = splitMask(path);
  const from = folder === "" ? "." : folder;
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory()) {
    context.log.write(level.notice, `del: ${given} does not exist`);
    return;
  }
  const hasMask = mask.includes("*") || mask.includes("?");
  const exists = hasMask || mask === "" || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  if (!exists && !(options.search && options.recursive)) {
    context.log.write(level.notice, `del: ${given} does not exist`);
    return;
  }
  deleteIn(context, from, mask, options);
  if (mask === "") removeFolder(context, from);
}

/** Subdirectories first, with the same mask; they are removed themselves when the mask means everything. */
function deleteIn(context: Context, folder: string, mask: string, options: DeleteOptions): void {
  const matches = maskMatcher(mask);
  const everything = mask === "" || mask === "*" || mask === "*.*";
  const entries = readdirSync(folder, { withFileTypes: true });
  if (options.recursive) {
    for (const entry of entries) {
      if (!entry.isDirectory()) continue;
      const path = join(folder, entry.name);
      deleteIn(context, path, mask, options);
      if (everything) removeFolder(context, path);
    }
  }
  for (const entry of entries) {
    if (!entry.isDirectory() && matches(entry.name)) deleteOne(context, join(folder, entry.name), options);
  }
}

function deleteOne(context: Context, path: string, options: DeleteOptions): void {
  try {
    const stat = lstatSync(path);
    if (options.days !== null && Date.now() - stat.mtimeMs < options.days * dayMilliseconds) return;
    const readOnly = !stat.isSymbolicLink() && (stat.mode & 0o200) === 0;
    const { system, information } = context.platform;
    if (readOnly && !options.force && (system === "windows" || !information.isAdministrator)) {
      context.warning(toBytes(`del: ${path} is read-only`));
      return;
    }
    unlinkSync(path);
    context.log.write(level.info, toBytes(`del: ${path} deleted`));
  } catch (error) {
    context.warning(`del: ${toBytes(path)}: ${reasonOf(error)}`);
  }
}

function removeFolder(context: Context, path: string): void {
  try {
    rmdirSync(path);
    context.log.write(level.info, toBytes(`del: directory ${path} deleted`));
  } catch (error) {
    context.warning(`del: ${toBytes(path)}: ${reasonOf(error)}`);
  }
}
