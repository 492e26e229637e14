import { command } from "../command.ts";
import { outputOfProgram } from "../terminal/run-program.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "script format",
  doc: "Indent scripts by their blocks.",
  details:
    "Only blanks at both ends of statements change. Sections in other languages, spellings, encodings and line ends " +
    "stay. Without an option the formatted script is the answer; with --check the exit code is 1 if there is a file " +
    "to be formatted.",
  examples: [
    "opsi script format setup.opsiscript",
    "opsi script format CLIENT_DATA --write",
    "opsi script format CLIENT_DATA --check",
  ],
  options: {
    check: { flags: "--check", doc: "only name the files that are not formatted" },
    write: { flags: "--write", doc: "change the files, and name those that were changed" },
    spaces: { flags: "--spaces <count>", doc: "indent by so many blanks instead of a tab" },
  },
  arguments: {
    paths: { flags: "<paths...>", doc: "scripts, and folders with scripts", complete: "file" },
  },
  async run(context, { check, write, spaces, paths }) {
    if (check && write) throw new UsageError("--check and --write exclude each other");
    const mode = check || (write && context.dryRun) ? ["--check"] : write ? ["--write"] : [];
    const words = [...mode, ...(spaces === undefined ? [] : [`--spaces=${spaces}`]), "--", ...paths];
    const { output, exitCode } = await outputOfProgram("opsi-script/src/format/main.ts", words, context);
    const isDry = write && context.dryRun && exitCode === 1;
    return { kind: "text", text: output, exitCode: isDry ? 0 : exitCode };
  },
});
