import { command } from "../command.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "script lsp",
  doc: "Serve an editor: problems, completion, explanations, definitions, renaming.",
  details:
    "A server of the Language Server Protocol for scripts. Editors start it; they speak with it over standard input " +
    "and output. docs/opsi-script.md says how to set up editors.",
  examples: ["opsi script lsp --stdio"],
  options: {
    stdio: { flags: "--stdio", doc: "standard input and output, the only way there is; editors say so" },
    clientProcessId: { flags: "--clientProcessId <id>", doc: "process of the editor; some say so" },
  },
  run: (context) => runProgram("opsi-script/src/language-server/main.ts", [], context),
});
