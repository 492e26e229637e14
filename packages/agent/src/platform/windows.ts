import { spawn, spawnSync } from "node:child_process";
import { hostname, networkInterfaces } from "node:os";
import { win32 } from "node:path";
import type { Platform, Power, UserSession } from "./platform.ts";

const wishes = "HKLM\\SOFTWARE\\opsi.org\\winst";
const values = { reboot: "RebootRequested", shutdown: "ShutdownRequested" } as const;

export const windows: Platform = {
  system: "windows",
  optionPrefix: "/",
  folders(root) {
    const at = (drivePath: string) => (root === "/" ? `c:\\${drivePath}` : win32.join(root, drivePath));
    const programs =
      root === "/" ? (process.env["ProgramFiles(x86)"] ?? "c:\\Program Files (x86)") : win32.join(root, "programs");
    const base = win32.join(programs, "opsi.org\\opsi-client-agent");
    return {
      configurationFile: win32.join(base, "opsiclientd\\opsiclientd.conf"),
      logFolder: at("opsi.org\\log"),
      stateFolder: at("opsi.org\\opsiclientd"),
      certificateFolder: at("opsi.org\\tls"),
      controlCertificateFile: win32.join(base, "opsiclientd\\opsiclientd.pem"),
      cacheFolder: at("opsi.org\\cache"),
      temporaryFolder: at("opsi.org\\tmp"),
      runFolder: at("opsi.org\\run"),
      programFolder: base,
      processorFolder: win32.join(base, "opsi-script"),
      processorFile: "opsi-script.exe",
    };
  },
  hostName() {
    const domain = process.env["USERDNSDOMAIN"] ?? "";
    const name = hostname();
    return (name.includes(".") || domain === "" ? name : `${name}.${domain}`).toLowerCase();
  },
  systemUuid: () =>
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(
      powershell("(Get-CimInstance Win32_ComputerSystemProduct).UUID").toLowerCase(),
    )?.[0] ?? null,
  hardwareAddress: () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal }) => !internal)?.mac ?? null,
  userLoggedIn: () => readSessions().some(({ UserName }) => UserName.toLowerCase() !== "opsisetupuser"),
  guiRunning: () => /"(LogonUI|explorer)\.exe"/i.test(run("tasklist", ["/fo", "csv", "/nh"])),
  sessions: readSessions,
  notifyUsers: (text) => void run("msg", ["*", text]),
  readPowerRequest(): Power {
    // 2 = only log out, which the agent treats as nothing (agent §4.6)
    if (![0, 2].includes(readNumber(values.reboot))) return "reboot";
    return readNumber(values.shutdown) === 0 ? "none" : "shutdown";
  },
  clearPowerRequest(_folders, power) {
    if (power !== "none") run("reg", ["add", wishes, "/v", values[power], "/t", "REG_DWORD", "/d", "0", "/f"]);
  },
  execute: (power) => void run("shutdown", [power === "reboot" ? "/r" : "/s", "/t", "3"]),
  processIdentity: (processId) =>
    powershell(`(Get-Process -Id ${processId} -ErrorAction SilentlyContinue).StartTime.Ticks`).trim() || null,
  heldBack: (program, parameters) => ({ program, parameters }),
  signalGroup: (processId) => {
    spawn("taskkill", ["/pid", String(processId), "/t", "/f"], { stdio: "ignore" }).on("error", () => {});
  },
};

function run(program: string, parameters: readonly string[]): string {
  const { status, stdout } = spawnSync(program, [...parameters], {
    encoding: "utf8",
    timeout: 20_000,
    windowsHide: true,
  });
  return status === 0 ? stdout : "";
}

const powershell = (command: string) => run("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", command]);

function readNumber(value: string): number {
  return Number(/0x[0-9a-f]+/i.exec(run("reg", ["query", wishes, "/v", value]))?.[0] ?? 0);
}

function readSessions(): UserSession[] {
  return run("quser", [])
    .split(/\r?\n/)
    .slice(1)
    .flatMap((row) => {
      const [, user, id] = /^[ >](\S+)\s+(?:\S+\s+)?(\d+)\s/.exec(row) ?? [];
      return user === undefined || id === undefined ? [] : [{ SessionId: id, UserName: user, LogonDomain: null }];
    });
}
