import { chmodSync, chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { scriptsIn } from "../check/check-files.ts";
import { formatFile } from "./format-file.ts";

const usage = "usage: node format/main.ts [--check | --write] [--spaces N] FILE|FOLDER...";

/** The old content or the new one, never a part of it. Group and rights stay: others write on a share, too. */
function replace(path: string, data: Buffer): void {
  const file = realpathSync(path);
  const temporary = `${file}.${process.pid}.tmp`;
  const { mode, uid, gid } = statSync(file);
  try {
    writeFileSync(temporary, data, { mode: 0o600, flag: "wx", flush: true });
    const own = statSync(temporary);
    const owner = process.getuid?.() === 0 ? uid : own.uid; // only root can give files away
    if (own.uid !== owner || own.gid !== gid) chownSync(temporary, owner, gid);
    chmodSync(temporary, mode & 0o7777); // without what the umask takes away
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Ends with 0, with --check 1 if a file is not formatted, and 2 if something could not be read or written. */
function main(words: string[]): number {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      spaces: { type: "string" },
    },
  });
  const spaces = values.spaces === undefined ? null : Number(values.spaces);
  if (positionals.length === 0 || (values.check && values.write)) throw new Error(usage);
  if (spaces !== null && !(Number.isInteger(spaces) && spaces > 0 && spaces <= 16))
    throw new Error("--spaces is 1 to 16");
  const files = positionals.flatMap(scriptsIn);
  if (!values.check && !values.write && files.length !== 1)
    throw new Error("Several files: --check or --write is expected");
  let changed = 0;
  for (const file of files) {
    const data = readFileSync(file);
    const formatted = formatFile(data, spaces === null ? "\t" : " ".repeat(spaces));
    if (!values.check && !values.write) process.stdout.write(formatted);
    else if (!formatted.equals(data)) {
      changed++;
      if (values.write) replace(file, formatted);
      process.stdout.write(`${file}\n`);
    }
  }
  return values.check && changed > 0 ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
