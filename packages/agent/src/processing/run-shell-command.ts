import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Log } from "@opsi-ts/logging";

/** Runs a command of the administrator in the system's shell; output and exit code go to the log. Empty: nothing. */
export async function runShellCommand(command: string, log: Log): Promise<void> {
  if (command.trim() === "") return;
  log.notice({ command }, "command starts");
  const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => log.info({ line: line.slice(0, 2000) }, "command says"));
  }
  const exitCode = await new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code ?? "killed"));
  });
  log.notice({ command, exitCode }, "command ended");
}
