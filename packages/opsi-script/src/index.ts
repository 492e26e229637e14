import { resolve } from "node:path";
import type { BatchOptions } from "./command-line.ts";
import { readConfiguration } from "./configuration.ts";
import { ScriptLog } from "./log/log.ts";
import { rotateLog } from "./log/log-files.ts";
import { currentPlatform } from "./platform/current-platform.ts";
import type { Platform } from "./platform/platform.ts";
import { type RebootWish, strongerWish } from "./run/reboot-wish.ts";
import { runScriptFile } from "./run/script-run.ts";
import { toBytes } from "./text/bytes.ts";

export { opsiScriptVersion } from "./version.ts";

export interface ScriptOptions {
  readonly file: string;
  /** `null`: no log file. */
  readonly logFile: string | null;
  readonly parameter?: string;
  readonly logLevel?: number;
  readonly loginScript?: boolean;
  readonly testSyntax?: boolean;
  readonly productId?: string;
  /** Each statement is told in the log with the values of its variables. */
  readonly trace?: boolean;
  /** Receives the lines of the log without level, time and product. */
  readonly onLine?: (level: number, text: string) => void;
}

export interface ScriptResult {
  readonly exitCode: 0 | 1;
  readonly result: "success" | "failed";
  readonly errors: number;
  readonly warnings: number;
  /** What the script wished by ExitWindows; carrying it out is the caller's business. */
  readonly reboot: RebootWish;
  readonly shutdown: boolean;
}

/**
 * Runs one script without a service, in this process and until its end: the caller should be a process of its own.
 *
 * @example runScript({ file: "/tmp/setup.opsiscript", logFile: "/tmp/setup.log" }).exitCode
 */
export function runScript(options: ScriptOptions): ScriptResult {
  const { onLine } = options;
  const level = options.logLevel ?? 7;
  const path = options.logFile === null ? null : resolve(options.logFile);
  const log = new ScriptLog({ path, append: false, level, leastLevel: 0, ...(onLine ? { onLine } : {}) });
  log.product = toBytes(options.productId ?? "");
  try {
    return runIn(log, options, path ?? "", level, true, currentPlatform());
  } finally {
    log.close();
  }
}

function runIn(
  log: ScriptLog,
  options: ScriptOptions & { readonly userContext?: string },
  logFile: string,
  level: number,
  debugLibrary: boolean,
  platform: Platform,
): ScriptResult {
  const { successful, state } = runScriptFile({
    file: options.file,
    log,
    platform,
    settings: {
      parameter: toBytes(options.parameter ?? ""),
      userContext: toBytes(options.userContext ?? ""),
      loginScript: options.loginScript ?? false,
      testSyntax: options.testSyntax ?? false,
    },
    service: null,
    product: null,
    depotId: "",
    logFile,
    defaultLogLevel: level,
    debugLibrary,
    trace: options.trace ?? false,
  });
  return {
    exitCode: successful ? 0 : 1,
    result: successful ? "success" : "failed",
    errors: state.errors,
    warnings: state.warnings,
    reboot: state.reboot,
    shutdown: state.shutdown,
  };
}

export type BatchResult = Pick<ScriptResult, "exitCode" | "reboot" | "shutdown">;

/** Scripts one after the other into one log; an immediate reboot ends the list (interpreter §1). */
export function runScripts(options: BatchOptions, platform: Platform): BatchResult {
  const configuration = readConfiguration();
  const { defaultLogLevel, leastLogLevel, debugLibrary, logRotationCount } = configuration;
  const path =
    options.logFile === null
      ? rotateLog(platform.folders.log, "opsi-script", logRotationCount)
      : resolve(options.logFile);
  const log = new ScriptLog({ path, append: false, level: defaultLogLevel, leastLevel: leastLogLevel });
  log.product = toBytes(options.logProductId);
  let exitCode: 0 | 1 = 0;
  let reboot: RebootWish = "none";
  let shutdown = false;
  try {
    for (const file of options.scripts) {
      log.level = defaultLogLevel;
      const run = { ...options, file, logFile: path, testSyntax: options.testSyntax || configuration.testSyntax };
      const result = runIn(log, run, path, defaultLogLevel, debugLibrary, platform);
      if (result.exitCode !== 0) exitCode = 1;
      reboot = strongerWish(reboot, result.reboot);
      shutdown ||= result.shutdown;
      if (reboot === "immediateReboot" || reboot === "immediateLogout") break;
    }
    return { exitCode, reboot, shutdown };
  } finally {
    log.close();
  }
}
