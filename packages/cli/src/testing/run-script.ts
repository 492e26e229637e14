import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Runs a script of a product with the real interpreter, without a service. */
export async function runScript(
  script: string,
  environment: Record<string, string | undefined> = {},
): Promise<{ exitCode: number; log: string }> {
  const main = fileURLToPath(new URL("../../../opsi-script/src/main.ts", import.meta.url));
  const logFile = `${script}.log`;
  const child = spawn(process.execPath, [main, script, "-logfile", logFile, "-silent"], {
    env: { ...process.env, ...environment },
    stdio: "ignore",
  });
  const [exitCode] = (await once(child, "exit")) as [number];
  return { exitCode, log: await readFile(logFile, "utf8") };
}
