import { rule } from "@opsi-ts/model";
import { type Problem, splitLines } from "./ini-text.ts";

/*
 * /etc/opsi/pckeys: a line `HOST:KEY` for each host. (storage 5.4)
 */

const keyLine = /^\s*([^:]+?)\s*:\s*([0-9a-fA-F]{32})\s*$/;
const comment = /^\s*[;/#]/;

/** The key never shows up in a message. */
export function parseHostKeys(text: string, path: string): { keys: Map<string, string>; problems: Problem[] } {
  const keys = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [index, line] of splitLines(text).entries()) {
    if (line.trim() === "" || comment.test(line)) continue;
    const entry = parseLine(line);
    if (!entry) problems.push({ path, line: index + 1, message: "not a host and its key" });
    else {
      if (keys.has(entry.hostId))
        problems.push({ path, line: index + 1, message: `'${entry.hostId}' once more, this key counts` });
      keys.set(entry.hostId, entry.key);
    }
  }
  return { keys, problems };
}

function parseLine(line: string): { hostId: string; key: string } | null {
  const [, host = "", key = ""] = keyLine.exec(line) ?? [];
  if (key === "") return null;
  try {
    return { hostId: rule.hostId.coerce(host), key: key.toLowerCase() };
  } catch {
    return null;
  }
}

/** Other lines and their order stay; new hosts are added at the end, null removes a host. */
export function changeHostKeys(text: string, changes: ReadonlyMap<string, string | null>): string {
  const open = new Map(changes);
  const lines: string[] = [];
  for (const line of splitLines(text)) {
    const hostId = comment.test(line) ? undefined : parseLine(line)?.hostId;
    if (hostId === undefined || !changes.has(hostId)) lines.push(line);
    else {
      const key = open.get(hostId) ?? null;
      open.delete(hostId);
      if (key !== null) lines.push(`${hostId}:${key}`);
    }
  }
  for (const [hostId, key] of open) if (key !== null) lines.push(`${hostId}:${key}`);
  return lines.map((line) => `${line}\n`).join("");
}
