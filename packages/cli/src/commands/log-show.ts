import { OpsiError } from "@opsi-ts/model";
import { text } from "../answer/answer.ts";
import { command } from "../command.ts";
import { positiveInteger } from "../positive-number.ts";

export default command({
  name: "log show",
  doc: "Show a log that the service keeps.",
  details:
    "instlog is what the installation of products said, clientconnect the log of the agent. opsiconfd needs no host.",
  examples: [
    "opsi log show instlog pc1.example.org",
    "opsi log show instlog pc1.example.org --lines 50",
    "opsi log show opsiconfd --lines 200",
  ],
  options: { lines: { flags: "--lines <number>", doc: "only the last ones", parse: positiveInteger } },
  arguments: {
    type: {
      flags: "<type>",
      doc: "which log",
      choices: ["instlog", "clientconnect", "userlogin", "bootimage", "winpe", "opsiconfd"],
    },
    host: { flags: "[host]", doc: "whose log" },
  },
  async run({ call }, { type, host, lines }) {
    const log = await call<string>("log_read", host === undefined ? [type] : [type, host]);
    if (log === "") throw new OpsiError("BackendMissingDataError", `There is no ${type}${host ? ` of ${host}` : ""}`);
    const whole = log.endsWith("\n") ? log : `${log}\n`;
    return text(lines === undefined ? whole : lastLines(whole, lines));
  },
});

function lastLines(log: string, count: number): string {
  let start = log.length - 1;
  for (let left = count; left > 0 && start >= 0; left--) start = start === 0 ? -1 : log.lastIndexOf("\n", start - 1);
  return log.slice(start + 1);
}
