import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

/** Runs every check and test in order and stops at the first that fails. Vitest comes last: its closing lines count. */
const steps: readonly (readonly [command: string, ...parameters: string[]])[] = [
  ["node", "tools/provision.ts"],
  ["biome", "check", "--error-on-warnings", "."],
  ["tsc", "--noEmit"],
  ["vitest", "run", `--maxWorkers=${Math.max(2, cpus().length)}`],
];

for (const [command, ...parameters] of steps) {
  const { status, error } = spawnSync(command, parameters, { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
