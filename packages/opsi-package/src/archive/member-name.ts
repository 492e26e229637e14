import { hostile, unsupported } from "../package-error.ts";

/**
 * The parts of a member's name, checked: relative, without `..`. Empty for the top directory itself.
 *
 * @throws PackageError `hostile` for names that lead out of the tree
 * @see packages 1.3 "dangerous tar members"
 */
export function memberPath(name: string, platform: NodeJS.Platform = process.platform): string[] {
  if (name.includes("\0")) throw hostile(`Name with NUL character in the archive: ${JSON.stringify(name)}`);
  if (name.startsWith("/")) throw hostile(`Absolute name in the archive: '${name}'`);
  if (platform === "win32") checkForWindows(name);
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") throw hostile(`Name that leads out of the archive's directory: '${name}'`);
    if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}

/** cpio names: everything up to the last `..` and leading slashes are cut off, as `cpio --no-absolute-filenames` does. */
export function cpioMemberName(name: string): string {
  return name.replace(/^(?:.*\/)?\.\.(?=\/|$)/s, "").replace(/^\/+/, "");
}

/** `target` of a symbolic link in `directory`, by names alone; null when it leads above the root. */
export function linkTarget(directory: readonly string[], target: string): string[] | null {
  if (target.startsWith("/")) return null;
  const parts = [...directory];
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts;
}

/** Windows takes more characters for separators and more names for devices than POSIX systems do. */
function checkForWindows(name: string): void {
  if (/[\\:]/.test(name)) throw unsupported(`Name that Windows cannot store: '${name}'`);
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
  if (name.split("/").some((part) => reserved.test(part) || /[. ]$/.test(part.replace(/^\.{1,2}$/, "")))) {
    throw unsupported(`Name that Windows cannot store: '${name}'`);
  }
}
