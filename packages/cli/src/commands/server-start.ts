import { command } from "../command.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "server start",
  doc: "Start the opsi service on this machine.",
  details: "All options are those of the service itself; opsi server start --help lists them.",
  examples: ["opsi server start --root /srv/opsi", "opsi server start --root ./opsi-data --port 0"],
  passThrough: true,
  arguments: { words: { flags: "[options...]", doc: "options of the service" } },
  run: (context, { words }) => runProgram("server/src/main.ts", words, context),
});
