import { parseArgs } from "node:util";
import { checkFiles } from "./check-files.ts";
import { excerptOf, summaryOf } from "./excerpt.ts";

const usage = "usage: node check/main.ts [--json] [--color] [--strict] FILE|FOLDER...";

/** Ends with 0 if there are no errors (with --strict: no warnings either), 1 if there are some, 2 if nothing was checked. */
function main(words: string[]): number {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      color: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
    },
  });
  if (positionals.length === 0) throw new Error(usage);
  const { diagnostics, files } = checkFiles(positionals);
  if (values.json) process.stdout.write(`${JSON.stringify(diagnostics)}\n`);
  else {
    for (const diagnostic of diagnostics) process.stdout.write(`${excerptOf(diagnostic, values.color)}\n`);
    process.stdout.write(`${summaryOf(diagnostics, files)}\n`);
  }
  const fails = (severity: string) => severity === "error" || (values.strict && severity === "warning");
  return diagnostics.some(({ severity }) => fails(severity)) ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
