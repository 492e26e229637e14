import { existsSync, linkSync, renameSync } from "node:fs";

/** `….bak`, or the first `….bak.2` and so on that is free. */
function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${path}.bak` : `${path}.bak.${number}`;
    if (!existsSync(name)) return name;
  }
}

/** Renames a folder that is there to a name that is free. Null where nothing is there. */
export function moveAside(path: string): string | null {
  if (!existsSync(path)) return null;
  const aside = freeName(path);
  renameSync(path, aside);
  return aside;
}

/**
 * Puts a file in the place of another one, which stays under a name that is free. A crash leaves the one or the other.
 *
 * @returns that name, null where there was none
 */
export function takePlace(file: string, path: string): string | null {
  const aside = existsSync(path) ? freeName(path) : null;
  if (aside !== null) linkSync(path, aside);
  renameSync(file, path);
  return aside;
}
