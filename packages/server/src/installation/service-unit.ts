import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { runProgram } from "./run-program.ts";
import type { Installation, Outcome, Step } from "./step.ts";

const unitPath = "/etc/systemd/system/opsiconfd.service";

/** A word of a command line in a unit, see systemd.service(5): % and $ begin something else there. */
function quoted(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w./:@=-]+$/.test(word) ? word : `"${escaped}"`;
}

/** The unit that systemd starts the service by. */
export function serviceUnit({ command, conf, configuration, serviceUser }: Installation): string {
  const privilegedPort = configuration.options.port > 0 && configuration.options.port < 1024;
  return `[Unit]
Description=opsi configuration service
Documentation=https://docs.opsi.org
Wants=network-online.target
After=network-online.target mariadb.service mysql.service postgresql.service

[Service]
Type=simple
User=${serviceUser}
Group=${conf.fileAdminGroup}
ExecStart=${command.map(quoted).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
TimeoutStopSec=60
UMask=0007
LimitNOFILE=65536
${privilegedPort ? "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" : ""}
[Install]
WantedBy=multi-user.target
`;
}

async function systemctl(what: string, ...words: string[]): Promise<Outcome> {
  const { code, stderr } = await runProgram("systemctl", words);
  return code === 0 ? { state: "done", what } : { state: "failed", what, why: stderr.trim() };
}

/** A checkout in the home of root works for root only. */
async function startable({ serviceUser, command: [node = "", main = ""] }: Installation): Promise<Outcome> {
  const what = `${serviceUser} can run the service`;
  const { code, stderr } = await runProgram("runuser", ["-u", serviceUser, "--", node, "--check", main]);
  if (code === 0) return { state: "already", what };
  const why = `the user cannot read ${node} or ${main}: ${stderr.trim().split("\n")[0]}`;
  return { state: "failed", what, why };
}

/** The unit of systemd, enabled so that the service starts with the machine. (service 8.2 step 7) */
export const unit: Step = {
  what: "the unit of systemd",
  async *run(installation) {
    const text = serviceUnit(installation);
    const isSame = existsSync(unitPath) && readFileSync(unitPath, "utf8") === text;
    if (!isSame) writeFileAtomically(unitPath, text, 0o644);
    yield { state: isSame ? "already" : "done", what: `${unitPath}` };
    yield await startable(installation);
    const enabled = "opsiconfd starts with the machine";
    if (!existsSync("/run/systemd/system")) {
      yield { state: "left out", what: enabled, why: "this machine is not run by systemd" };
      return;
    }
    if (!isSame) yield await systemctl("systemd has read the unit", "daemon-reload");
    const { stdout } = await runProgram("systemctl", ["is-enabled", "opsiconfd.service"]);
    if (stdout.trim() === "enabled") yield { state: "already", what: enabled };
    else yield await systemctl(enabled, "enable", "opsiconfd.service");
  },
};
