import { appendFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { localTime } from "./log.ts";

/**
 * The log file of this run; older ones become `opsi-script_0.log`, `_1` … (interpreter §5.2).
 *
 * @param count how many old ones are kept
 */
export function rotateLog(folder: string, name: string, count: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  if (!existsSync(path)) return path;
  const backup = (number: number) => join(folder, `${name}_${number}.log`);
  for (let number = count - 2; number >= 0; number--) {
    if (existsSync(backup(number))) renameSync(backup(number), backup(number + 1));
  }
  if (count > 0) renameSync(path, backup(0));
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
  const time = localTime(new Date()).slice(0, 16);
  const result = successful ? "success" : "failed";
  try {
    mkdirSync(folder, { recursive: true });
    const line = `${time}  handled : ${product} Version: ${version} Request: ${request} Result: ${result}\n`;
    appendFileSync(join(folder, "opsi-script.history"), line);
  } catch {
    // the log has the same
  }
}
