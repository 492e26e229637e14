import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { numbered, setAside } from "@opsi-ts/logging/set-aside";
import { timestamp } from "@opsi-ts/model";

/**
 * The log file of this run; older ones become `opsi-script_0.log`, `_1` … (interpreter §5.2).
 *
 * @param count how many old ones are kept
 */
export function rotateLog(folder: string, name: string, count: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  if (existsSync(path)) setAside(path, count, numbered);
  return path;
}

/** One line per product in `opsi-script.history`. A history that cannot be written stops nothing. */
export function noteHistory(
  folder: string,
  product: string,
  version: string,
  request: string,
  successful: boolean,
): void {
  const time = timestamp().slice(0, 16);
  const result = successful ? "success" : "failed";
  try {
    mkdirSync(folder, { recursive: true });
    const line = `${time}  handled : ${product} Version: ${version} Request: ${request} Result: ${result}\n`;
    appendFileSync(join(folder, "opsi-script.history"), line);
  } catch {
    // the log has the same
  }
}
