import { command } from "../command.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "agent run",
  doc: "Run the client agent on this machine.",
  details: "All options are those of the agent itself; opsi agent run --help lists them.",
  examples: ["opsi agent run"],
  passThrough: true,
  arguments: { words: { flags: "[options...]", doc: "options of the agent" } },
  run: (context, { words }) => runProgram("agent/src/main.ts", ["run", ...words], context),
});
