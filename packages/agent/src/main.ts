import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isOpsiError } from "@opsi-ts/model";
import { registerAgent } from "./register-agent.ts";
import { runAgent } from "./run-agent.ts";
import { agentVersion } from "./service/service-link.ts";

const help = `Usage: opsiclientd run [options]        run until a signal comes
       opsiclientd register [options]   make this machine a client of a service

  --root DIR               all files below DIR; default /
  --log-level 0-9          of lines on stderr; default 4

run:
  --event NAME             process one event, then end
  --control-port N         instead of control_server.port
  --reboot-command CMD     instead of restarting the machine; likewise --shutdown-command

register:
  --service-address URL    https://opsi.example.org:4447
  --service-username NAME  an administrator, or the client id
  --service-password-file FILE   first line is the password or host key; - reads it from stdin.
                           Without it the environment variable OPSI_PASSWORD
  --client-id FQDN         default: name of this machine
  --depot ID, --description TEXT
  --ca-file FILE           CA of the service
  --trust                  take the CA that the service offers; its fingerprint is shown
`;

const options = {
  root: { type: "string", default: "/" },
  "log-level": { type: "string", short: "l", default: "4" },
  event: { type: "string" },
  "control-port": { type: "string" },
  "reboot-command": { type: "string" },
  "shutdown-command": { type: "string" },
  "service-address": { type: "string" },
  "service-username": { type: "string" },
  "service-password-file": { type: "string" },
  "client-id": { type: "string" },
  depot: { type: "string" },
  description: { type: "string" },
  "ca-file": { type: "string" },
  trust: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  version: { type: "boolean", short: "V", default: false },
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  let words: ReturnType<typeof parse>;
  try {
    words = parse();
  } catch (error) {
    process.stderr.write(`opsiclientd: ${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  const { values, positionals } = words;
  const [action = "run"] = positionals;
  if (values.help || values.version || !["run", "register"].includes(action)) {
    process.stdout.write(values.version ? `${agentVersion}\n` : help);
    return values.help || values.version ? 0 : 2;
  }
  try {
    return action === "run" ? await run(values) : await register(values);
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    process.stderr.write(`opsiclientd: ${error.message}\n`);
    return 1;
  }
}

function parse() {
  return parseArgs({ options, allowPositionals: true });
}

type Values = ReturnType<typeof parse>["values"];

async function run(values: Values): Promise<number> {
  const code = await runAgent({
    root: resolve(values.root),
    stderrLevel: Number(values["log-level"]),
    event: values.event,
    controlPort: values["control-port"] === undefined ? undefined : Number(values["control-port"]),
    rebootCommand: values["reboot-command"],
    shutdownCommand: values["shutdown-command"],
  });
  // Asked to start again: in the same process, so that whoever watches it sees no end. (agent §1.5)
  if (code === 75 && process.execve !== undefined && process.platform !== "win32") {
    const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, words, process.env);
  }
  // An action processor that is still at work does not hold up the end of the agent.
  process.exit(code);
}

async function register(values: Values): Promise<number> {
  const { "service-address": url, "service-username": username } = values;
  const password = readPassword(values["service-password-file"]);
  if (url === undefined || username === undefined || password === "") {
    process.stderr.write("opsiclientd: register needs --service-address, --service-username and a password\n");
    return 2;
  }
  const { clientId, created, configurationFile } = await registerAgent({
    root: resolve(values.root),
    url,
    username,
    password,
    clientId: values["client-id"],
    depotId: values.depot,
    description: values.description,
    caFile: values["ca-file"],
    trust: values.trust,
    onTrust: (fingerprint) => process.stderr.write(`Trusting the CA of ${url}, SHA-256 ${fingerprint}\n`),
  });
  process.stdout.write(
    `${clientId} ${created ? "was created" : "was there already"}; configuration in ${configurationFile}\n`,
  );
  return 0;
}

function readPassword(file: string | undefined): string {
  if (file === undefined) return process.env["OPSI_PASSWORD"] ?? "";
  return readFileSync(file === "-" ? 0 : file, "utf8").split(/\r?\n/, 1)[0] ?? "";
}
