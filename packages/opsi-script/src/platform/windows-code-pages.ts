import { windowsFunction } from "./windows-library.ts";

const ansi = windowsFunction<() => number>("kernel32", "uint32 GetACP()");
const oem = windowsFunction<() => number>("kernel32", "uint32 GetOEMCP()");

const nameOf = (codePage: number) => (codePage === 65001 ? "utf8" : `cp${codePage}`);

/** Encodings of this system by the names of the language (§1.1). */
export const windowsCodePages = {
  /** Of files: what the language calls the system's encoding. */
  get files(): string {
    return nameOf(ansi());
  },
  /** Of what programs of the console write. */
  get programs(): string {
    return nameOf(oem());
  },
};
