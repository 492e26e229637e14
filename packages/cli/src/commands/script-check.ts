import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { wantsColor } from "../terminal/color.ts";
import { outputOfProgram } from "../terminal/run-program.ts";

const columns = ["file", "line", "column", "severity", "code", "message", "hint"];

export default command({
  name: "script check",
  doc: "Find what is wrong in scripts before they run.",
  details:
    "Looks at syntax, names, types, blocks, sections, files and lines that are never executed, in the scripts and in " +
    "all that they include. Nothing is run. An error is what the script would fail at; with errors the exit code is 1.",
  examples: [
    "opsi script check setup.opsiscript",
    "opsi script check CLIENT_DATA --strict",
    "opsi script check . --output json",
  ],
  options: {
    strict: { flags: "--strict", doc: "warnings count as errors" },
  },
  arguments: {
    paths: { flags: "<paths...>", doc: "scripts, and folders with scripts", complete: "file" },
  },
  async run(context, { strict, paths }) {
    const asText = context.globals.output === "auto";
    const words = [...(strict ? ["--strict"] : []), ...(asText ? [] : ["--json"])];
    if (wantsColor(context)) words.push("--color");
    const { output: bytes, exitCode } = await outputOfProgram(
      "opsi-script/src/check/main.ts",
      [...words, "--", ...paths],
      context,
    );
    const output = bytes.toString();
    if (asText) return { kind: "text", text: output, exitCode };
    if (output === "") return { kind: "nothing", exitCode }; // said on stderr
    return { ...rows(JSON.parse(output), columns), exitCode };
  },
});
