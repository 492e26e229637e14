import { existsSync, renameSync } from "node:fs";

/** Renames what is there to a name that is free, `….bak` or `….bak.2`. Null where nothing is there. */
export function moveAside(path: string): string | null {
  if (!existsSync(path)) return null;
  for (let number = 1; ; number++) {
    const aside = number === 1 ? `${path}.bak` : `${path}.bak.${number}`;
    if (existsSync(aside)) continue;
    renameSync(path, aside);
    return aside;
  }
}
