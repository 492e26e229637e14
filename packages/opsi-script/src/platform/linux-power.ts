import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { linuxProcesses } from "./linux-processes.ts";
import type { Power } from "./power.ts";

const flags = "/var/run/opsiclientd";

/** With a running agent the wish is a flag file; the agent restarts the machine when it has finished. */
function tellAgent(wish: "reboot" | "shutdown"): boolean {
  const running = linuxProcesses.list().some(({ command, line }) => `${command} ${line}`.includes("opsiclientd"));
  if (!running && !existsSync(flags)) return false;
  if (!existsSync(flags)) return false;
  writeFileSync(`${flags}/${wish}`, "");
  return true;
}

export const linuxPower: Power = {
  requestReboot: () => {
    if (tellAgent("reboot")) return;
    if (spawnSync("shutdown", ["-r", "+1", "opsi-reboot"]).status !== 0) spawnSync("shutdown", ["-r", "now"]);
  },
  requestShutdown: () => {
    if (!tellAgent("shutdown")) spawnSync("shutdown", ["-h", "+1", "opsi-shutdown"]);
  },
  requestLogout: () => {
    spawnSync("loginctl", ["terminate-session", process.env["XDG_SESSION_ID"] ?? ""]);
  },
};
