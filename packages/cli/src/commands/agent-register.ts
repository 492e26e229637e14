import { command } from "../command.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "agent register",
  doc: "Make this machine a client of a service.",
  details: "All options are those of the agent itself; opsi agent register --help lists them.",
  examples: ["opsi agent register --service https://opsi.example.org:4447 --username admin1"],
  passThrough: true,
  arguments: { words: { flags: "[options...]", doc: "options of the agent" } },
  run: (context, { words }) => runProgram("agent/src/main.ts", ["register", ...words], context),
});
