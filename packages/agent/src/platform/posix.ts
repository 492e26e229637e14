import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Platform, Power } from "./platform.ts";

const flags = { reboot: "reboot", shutdown: "shutdown" } as const;

/** What Linux and macOS share. */
export const posix = {
  optionPrefix: "-",
  hostName: fullyQualifiedName,
  hardwareAddress: firstHardwareAddress,
  notifyUsers(text) {
    // Only from its input is the text no option and no name of a file, on both systems.
    const wall = spawn("wall", [], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    wall.on("error", () => {}); // no `wall`: nobody to tell
    wall.stdin.on("error", () => {});
    wall.stdin.end(`${text}\n`);
    wall.unref();
  },
  readPowerRequest({ runFolder }): Power {
    if (existsSync(join(runFolder, flags.reboot))) return "reboot";
    return existsSync(join(runFolder, flags.shutdown)) ? "shutdown" : "none";
  },
  clearPowerRequest({ runFolder }, power) {
    if (power !== "none") rmSync(join(runFolder, flags[power]), { force: true });
  },
  execute(power) {
    // In a session of its own: the agent is about to be ended by what it starts here. (agent §4.6)
    const command = `sleep 3; shutdown ${power === "reboot" ? "-r" : "-h"} now`;
    spawn("sh", ["-c", command], { stdio: "ignore", detached: true })
      .on("error", () => {})
      .unref();
  },
  heldBack: (program, parameters) => ({
    program: "/bin/sh",
    parameters: ["-c", 'read -r go && exec "$@"', "sh", program, ...parameters],
  }),
  signalGroup(processId, signal) {
    try {
      process.kill(-processId, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  },
} as const satisfies Partial<Platform>;

export const posixFolders = (root: string) => ({
  configurationFile: join(root, "etc/opsi-client-agent/opsiclientd.conf"),
  logFolder: join(root, "var/log/opsi-client-agent"),
  stateFolder: join(root, "var/lib/opsi-client-agent/opsiclientd"),
  certificateFolder: join(root, "etc/opsi-client-agent/tls"),
  controlCertificateFile: join(root, "etc/opsi-client-agent/opsiclientd.pem"),
  cacheFolder: join(root, "var/cache/opsi-client-agent"),
  temporaryFolder: join(root, "tmp"),
  runFolder: join(root, "var/run/opsiclientd"),
});

export function readCommand(program: string, parameters: readonly string[]): string {
  const { status, stdout } = spawnSync(program, [...parameters], { encoding: "utf8", timeout: 5000 });
  return status === 0 ? stdout.trim() : "";
}

function fullyQualifiedName(): string {
  const name = hostname();
  if (name.split(".").length > 2) return name.toLowerCase();
  return (readCommand("hostname", ["-f"]) || name).toLowerCase();
}

/** Of the first interface that is no loopback and has an address; without one of the first at all. */
function firstHardwareAddress(): string | null {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, mac }) => !internal && mac !== "00:00:00:00:00:00");
  return (outside.find(({ family }) => family === "IPv4") ?? outside[0])?.mac ?? null;
}
