import { spawnSync } from "node:child_process";

/** What a program prints, trimmed; empty when it fails or is not there. Unicode text. */
export function outputOf(program: string, ...parameters: string[]): string {
  const { status, stdout } = spawnSync(program, parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout.trim() : "";
}
