import { command } from "../command.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "agent register",
  doc: "Make this machine a client of a service.",
  details:
    "All options are those of the agent itself; opsi agent register --help lists them. The password comes from " +
    "OPSI_PASSWORD or --service-password-file, on a terminal it is asked.",
  examples: [
    "opsi agent register --service-address https://opsi.example.org:4447 --service-username admin1 --trust",
    "opsi agent register --service-address https://opsi.example.org:4447 --service-username admin1 --ca-file ca.pem",
  ],
  passThrough: true,
  arguments: { words: { flags: "[options...]", doc: "options of the agent" } },
  async run(context, { words }) {
    const given = words.some((word) => /^--service-password-file(=|$)|^--help$|^-h$/.test(word));
    const { OPSI_PASSWORD: known = "" } = context.surroundings.environment;
    const asked = !given && known === "" && context.interactive;
    const environment = asked ? { OPSI_PASSWORD: await context.ask("Password:", { secret: true }) } : {};
    return runProgram("agent/src/main.ts", ["register", ...words], context, environment);
  },
});
