import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** A script with the record of what the original printed. */
export interface Case {
  /** Path of the script below the corpus folder, without extension. */
  readonly place: string;
  readonly script: string;
  readonly values: readonly string[];
  readonly exitCode: number;
  readonly counters: string;
}

const helperFolders: ReadonlySet<string> = new Set(["inc", "lib"]);

/** All scripts below a folder that have a record; folders with helper files hold none. */
export async function findCases(directory: string): Promise<Case[]> {
  const names = await readdir(directory, { recursive: true });
  const scripts = names.filter((name) => name.endsWith(".opsiscript")).sort();
  return scripts.flatMap((name) => {
    if (name.split(sep).some((part) => helperFolders.has(part))) return [];
    const script = join(directory, name);
    const record = script.replace(/\.opsiscript$/, ".expected");
    if (!existsSync(record)) return [];
    return [readCase(relative(directory, script).replace(/\.opsiscript$/, ""), script, record)];
  });
}

function readCase(place: string, script: string, record: string): Case {
  const lines = readFileSync(record, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const counters = lines.pop() ?? "";
  const exit = lines.pop() ?? "";
  return {
    place,
    script,
    values: lines.map((line) => line.trimEnd()),
    exitCode: Number(exit.slice("exit: ".length)),
    counters,
  };
}
