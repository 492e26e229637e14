import { runScript } from "./index.ts";

const file = process.argv[2] ?? "";
const at = process.argv.indexOf("-logfile");
const { exitCode } = runScript({ file, logFile: at < 0 ? "/tmp/opsi-script.log" : (process.argv[at + 1] ?? "") });
process.exit(exitCode);
