#!/usr/bin/env node
import { parseCommandLine, Usage, usage } from "./command-line.ts";
import { runScripts } from "./index.ts";
import { currentPlatform } from "./platform/current-platform.ts";
import type { Power } from "./platform/power.ts";
import type { RebootWish } from "./run/reboot-wish.ts";
import { runWithService } from "./service/service-run.ts";

/** Wishes of the scripts are carried out at the very end, when everything is written (interpreter §4). */
function carryOut(power: Power, reboot: RebootWish, shutdown: boolean): void {
  if (shutdown) power.requestShutdown();
  else if (reboot === "rebootWanted" || reboot === "reboot" || reboot === "immediateReboot") power.requestReboot();
  else if (reboot === "logoutWanted" || reboot === "immediateLogout") power.requestLogout();
}

try {
  const commandLine = parseCommandLine(process.argv.slice(2), process.platform === "win32" ? "/" : "-");
  const platform = currentPlatform();
  const result = commandLine.service
    ? runWithService(commandLine, commandLine.service, platform)
    : runScripts(commandLine, platform);
  carryOut(platform.power, result.reboot, result.shutdown);
  process.exit(result.exitCode);
} catch (error) {
  if (!(error instanceof Usage)) {
    console.error(error);
    process.exit(2); // 1, which Node would take, says that a script has failed
  }
  if (error.asked) console.log(usage);
  else console.error(`${error.message}\n\n${usage}`);
  process.exit(error.asked ? 0 : 2);
}
