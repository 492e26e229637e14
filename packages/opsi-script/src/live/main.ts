import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { runScript } from "../index.ts";
import { level } from "../log/log.ts";
import { toText } from "../text/bytes.ts";

const usage =
  "usage: node live/main.ts [--log-level N] [--trace] [--color] [--log-file FILE] [--parameter TEXT] [--product ID] FILE";

const colors: Readonly<Record<number, string>> = {
  [level.critical]: "\x1b[1;31m",
  [level.error]: "\x1b[31m",
  [level.warning]: "\x1b[33m",
  [level.notice]: "\x1b[32m",
  [level.debug]: "\x1b[2m",
  [level.trace]: "\x1b[2m",
  [level.secret]: "\x1b[2m",
};

/** Synchronous, because the interpreter leaves no time for anything else: lines are seen when they are written. */
function write(text: string): void {
  const data = Buffer.from(text);
  for (let offset = 0; offset < data.length; ) {
    try {
      offset += writeSync(1, data, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return; // nobody reads any more; the script is carried out all the same
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Runs one script and shows its log while it runs. Ends with 0 after success, 1 after a failure, 2 if it cannot run. */
function main(words: string[]): number {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      "log-level": { type: "string", default: "6" },
      "log-file": { type: "string" },
      parameter: { type: "string", default: "" },
      product: { type: "string", default: "" },
      trace: { type: "boolean", default: false },
      color: { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  const logLevel = Number(values["log-level"]);
  if (file === undefined || positionals.length > 1) throw new Error(usage);
  if (!Number.isInteger(logLevel) || logLevel < 0 || logLevel > 9) throw new Error("--log-level is 0 to 9");
  const { exitCode, reboot, shutdown } = runScript({
    file,
    logFile: values["log-file"] ?? null,
    logLevel,
    parameter: values.parameter,
    productId: values.product,
    trace: values.trace,
    onLine: (lineLevel, bytes) => {
      const line = `[${lineLevel}] ${toText(bytes)}`;
      const color = values.color ? colors[lineLevel] : undefined;
      write(color === undefined ? `${line}\n` : `${color}${line}\x1b[0m\n`);
    },
  });
  if (reboot !== "none") write(`The script wants: ${reboot}. Nothing of the kind is done here.\n`);
  if (shutdown) write("The script wants: shutdown. Nothing of the kind is done here.\n");
  return exitCode;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
