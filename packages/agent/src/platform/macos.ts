import { statSync } from "node:fs";
import { join } from "node:path";
import type { Platform } from "./platform.ts";
import { posix, posixFolders, readCommand } from "./posix.ts";

export const macos: Platform = {
  ...posix,
  system: "macos",
  folders: (root) => ({
    ...posixFolders(root),
    programFolder: join(root, "usr/local/lib/opsi-client-agent"),
    processorFolder: join(root, "Applications/opsi-script.app"),
    processorFile: "Contents/MacOS/opsi-script",
  }),
  systemUuid: () =>
    /"IOPlatformUUID" = "([0-9A-F-]{36})"/
      .exec(readCommand("ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]))?.[1]
      ?.toLowerCase() ?? null,
  userLoggedIn: () => consoleOwner() !== 0,
  guiRunning: () => readCommand("pgrep", ["-x", "WindowServer"]) !== "",
  sessions: () => {
    const user = readCommand("stat", ["-f", "%Su", "/dev/console"]);
    return user === "" || user === "root" ? [] : [{ SessionId: "console", UserName: user, LogonDomain: null }];
  },
  processIdentity: (processId) => readCommand("ps", ["-o", "lstart=", "-p", String(processId)]) || null,
};

function consoleOwner(): number {
  try {
    return statSync("/dev/console").uid;
  } catch {
    return 0;
  }
}
