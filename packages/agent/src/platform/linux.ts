import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Platform, UserSession } from "./platform.ts";
import { posix, posixFolders, readCommand } from "./posix.ts";

export const linux: Platform = {
  ...posix,
  system: "linux",
  folders: (root) => ({
    ...posixFolders(root),
    programFolder: join(root, "usr/lib/opsi-client-agent"),
    processorFolder: join(root, "opt/opsi-script"),
    processorFile: "opsi-script",
  }),
  systemUuid: () => readUuid("/sys/class/dmi/id/product_uuid"),
  // Any process with a display that belongs to a person (agent §1.7).
  userLoggedIn: () =>
    processes().some(
      (id) =>
        userOf(id) >= 1000 &&
        readText(`/proc/${id}/environ`)
          .split("\0")
          .some((entry) => entry.startsWith("DISPLAY=")),
    ),
  guiRunning: () => processes().some((id) => ["Xorg", "Xwayland"].includes(readText(`/proc/${id}/comm`).trim())),
  sessions,
  processIdentity(processId) {
    const stat = readText(`/proc/${processId}/stat`);
    // Behind the command, which may hold blanks and parentheses: state is field 3, the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    if (state === undefined || state === "Z" || state === "X" || start === undefined) return null;
    return `${readText("/proc/sys/kernel/random/boot_id").trim()}/${start}`;
  },
};

function sessions(): UserSession[] {
  const rows = readCommand("loginctl", ["list-sessions", "--no-legend"]).split("\n");
  return rows.flatMap((row) => {
    const [id, userId, user] = row.trim().split(/\s+/);
    if (id === undefined || user === undefined || Number(userId) < 1000) return [];
    return [{ SessionId: id, UserName: user, LogonDomain: null }];
  });
}

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

function userOf(id: string): number {
  try {
    return statSync(`/proc/${id}`).uid;
  } catch {
    return 0; // it has ended meanwhile
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readUuid(path: string): string | null {
  const text = readText(path).trim().toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null;
}
