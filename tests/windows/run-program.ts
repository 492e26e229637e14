import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs a program to its end. Its output goes to a file: Node.js in Wine cannot open sockets as its streams.
 *
 * @throws Error when it fails, with its output
 */
export async function run(
  program: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
  allowed: readonly number[] = [0],
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-run-"));
  const path = join(folder, "output");
  try {
    const file = await open(path, "w");
    const exitCode = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, parameters, { stdio: ["ignore", file.fd, file.fd], env: environment });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? -1));
    }).finally(() => file.close());
    const output = await readFile(path, "utf8");
    if (allowed.includes(exitCode)) return { exitCode, output };
    throw new Error(`${program} ${parameters.join(" ")} ended with code ${exitCode}: ${output}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
