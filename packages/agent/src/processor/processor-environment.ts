import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { AgentFolders, Platform } from "../platform/platform.ts";

/**
 * The environment of the action processor. Under another root than `/` the machine is not ours to restart: commands
 * that would do so leave a wish for the agent instead, which decides. (agent §4.6)
 */
export async function processorEnvironment(
  root: string,
  platform: Platform,
  folders: AgentFolders,
): Promise<NodeJS.ProcessEnv> {
  await mkdir(folders.runFolder, { recursive: true, mode: 0o700 });
  const environment: NodeJS.ProcessEnv = { ...process.env, OPSICLIENTD_RUN_FOLDER: folders.runFolder };
  if (root === "/" || platform.system === "windows") return environment;
  const programs = join(folders.runFolder, "bin");
  await mkdir(programs, { recursive: true });
  const wish = (name: string) => `: > '${join(folders.runFolder, name).replaceAll("'", `'\\''`)}'`;
  const commands: Record<string, string> = {
    shutdown: `case " $* " in *" -c "*) ;; *" -r"*) ${wish("reboot")} ;; *) ${wish("shutdown")} ;; esac`,
    reboot: wish("reboot"),
    poweroff: wish("shutdown"),
    halt: wish("shutdown"),
  };
  for (const [name, command] of Object.entries(commands)) {
    const path = join(programs, name);
    await writeFile(path, `#!/bin/sh\n${command}\n`);
    await chmod(path, 0o755);
  }
  return { ...environment, PATH: `${programs}${delimiter}${process.env["PATH"] ?? ""}` };
}
