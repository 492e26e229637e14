import { isAbsolute } from "node:path";

/** Where scripts look for files to include. Byte strings. */
export interface IncludeFolders {
  readonly isWindows: boolean;
  /** Directory of the main script. */
  readonly script: string;
  /** Further folders of libraries. */
  readonly libraries: readonly string[];
}

/** The paths at which a file is looked for, the first existing one wins (language §2.4). */
export function includePaths(folders: IncludeFolders, given: string, library: boolean): string[] {
  const path = folders.isWindows ? given : given.replaceAll("\\", "/");
  if (path === "") return [];
  if (isAbsolute(path)) return [path];
  const own = [path, `${folders.script}/${path}`, `${folders.script}/../lib/${path}`];
  return library ? [...own, ...folders.libraries.map((folder) => `${folder}/${path}`)] : own;
}

/** Only libraries may be named without their extension. */
export const libraryPaths = (folders: IncludeFolders, name: string): string[] => [
  ...includePaths(folders, name, true),
  ...includePaths(folders, `${name}.opsiscript`, true),
];
