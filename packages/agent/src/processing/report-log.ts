import { open } from "node:fs/promises";
import type { Caller } from "../configuration/read-from-service.ts";

const endLine =
  "-------------------- submitted part of log file ends here, see the rest of log file on client --------------------";

/**
 * Sends the newest part of the agent's log, from the beginning of a line on. (agent §4.2 step 21)
 *
 * @param maximumMegabytes 0 = no limit
 */
export async function reportLog(
  service: Caller,
  hostId: string,
  file: string,
  maximumMegabytes: number,
): Promise<void> {
  const data = await readTail(file, maximumMegabytes * 1_000_000);
  await service.call("log_write", ["clientconnect", `${data}${endLine}\n`, hostId, false]);
}

export async function readTail(path: string, maximumBytes: number): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const start = maximumBytes > 0 && size > maximumBytes ? size - maximumBytes : 0;
  const bytes = Buffer.alloc(size - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  const text = bytes.subarray(0, bytesRead).toString("utf8").replaceAll("\uFFFD", "?");
  return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
}
