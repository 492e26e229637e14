import { command } from "../command.ts";
import { wantsColor } from "../terminal/color.ts";
import { runProgram } from "../terminal/run-program.ts";

export default command({
  name: "script run",
  doc: "Run a script on this machine and show its log while it runs.",
  details:
    "Without a service: product properties come from properties.conf beside the script (lines name=value), or have " +
    "the defaults that the script names. What the script does to this machine is done, only " +
    "reboots and shutdowns are not. The exit code is 0 after success and 1 if the script failed.",
  examples: [
    "opsi script run setup.opsiscript",
    "opsi script run setup.opsiscript --trace --log-level 7",
    "opsi script run setup.opsiscript --log-file setup.log --product acme-editor",
  ],
  options: {
    logLevel: {
      flags: "--log-level <level>",
      doc: "2 critical, 3 errors, 4 warnings, 5 notices, 6 and 7 details, 9 with what is confidential",
      choices: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      fallback: "6",
    },
    trace: { flags: "--trace", doc: "show each statement with the values of its variables" },
    logFile: { flags: "--log-file <file>", doc: "write the log here as well", complete: "file" },
    parameter: { flags: "--parameter <text>", doc: "what the script gets from ParamStr", fallback: "" },
    product: { flags: "--product <id>", doc: "product id in the log", fallback: "" },
  },
  arguments: {
    file: { flags: "<file>", doc: "script", complete: "file" },
  },
  async run(context, { logLevel, trace, logFile, parameter, product, file }) {
    if (!context.mayChange(`run ${file}`)) return undefined;
    const words = ["--log-level", logLevel, `--parameter=${parameter}`, `--product=${product}`];
    if (trace) words.push("--trace");
    if (logFile !== undefined) words.push("--log-file", context.path(logFile));
    if (wantsColor(context)) words.push("--color");
    return runProgram("opsi-script/src/live/main.ts", [...words, "--", file], context);
  },
});
