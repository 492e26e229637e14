import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer } from "../answer/answer.ts";
import type { Context } from "../context.ts";
import { Interruption } from "../surroundings.ts";

/**
 * Runs one of our other programs in the foreground, with our terminal. Signals that we get are passed on, and what it
 * ends with is what we end with.
 *
 * @param main its main.ts, relative to the folder of all packages
 * @param environment set in addition to ours
 */
export async function runProgram(
  main: string,
  words: readonly string[],
  context: Context,
  environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const file = new URL(`../../../${main}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(file), ...words], {
    cwd: context.surroundings.folder,
    env: { ...context.surroundings.environment, ...environment },
    stdio: "inherit",
  });
  const forward = () => {
    const { reason } = context.signal;
    const signal = reason instanceof Interruption ? reason.signal : "SIGTERM";
    // Ctrl-C reaches the whole process group by itself, and twice means "at once" to our programs.
    if (signal !== "SIGINT" || context.surroundings.stdin.isTTY !== true) child.kill(signal);
  };
  context.signal.addEventListener("abort", forward, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
    return { kind: "nothing", exitCode };
  } finally {
    context.signal.removeEventListener("abort", forward);
  }
}
