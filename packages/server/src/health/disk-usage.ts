import { statfs } from "node:fs/promises";
import { type Check, error, type Finding, ok, warning } from "./check.ts";

const gigabyte = 1_000_000_000;
const warningBytes = 15 * gigabyte;
const errorBytes = 7.5 * gigabyte;

export const diskUsage: Check = {
  id: "disk_usage",
  name: "Disk usage",
  description: "Space left for data, depot, packages and logs: 15 GB should be free, 7.5 GB must.",
  documentation: "Delete old packages from the repository and old logs, or enlarge the disk.",
  onDepots: true,
  async run({ site }) {
    const { state, depot, repository, logs, configuration } = site.folders;
    const folders = [...new Set([state, depot, repository, logs, configuration])];
    return Object.fromEntries(
      await Promise.all(folders.map(async (folder) => [folder, await spaceAt(folder)] as const)),
    );
  },
};

async function spaceAt(folder: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return spaceFinding(folder, bavail * bsize, blocks * bsize);
}

/** @param free bytes; `capacity`, too */
export function spaceFinding(folder: string, free: number, capacity: number): Finding {
  const message = `${(free / gigabyte).toFixed(1)} GB of ${(capacity / gigabyte).toFixed(1)} GB are free at '${folder}'.`;
  const details = { capacity, available: free };
  if (free < errorBytes) return error(message, details);
  return free < warningBytes ? warning(message, details) : ok(message, details);
}
