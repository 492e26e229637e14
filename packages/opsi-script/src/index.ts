import { resolve } from "node:path";
import { toBytes } from "./bytes.ts";
import type { RebootWish } from "./context.ts";
import { ScriptLog } from "./log.ts";
import { linux } from "./platform/linux.ts";
import { runScriptFile } from "./script-run.ts";

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
    const { successful, state } = runScriptFile({
      file: options.file,
      log,
      platform: linux,
      settings: {
        parameter: toBytes(options.parameter ?? ""),
        userContext: "",
        loginScript: options.loginScript ?? false,
        testSyntax: options.testSyntax ?? false,
      },
      service: null,
      product: null,
      depotId: "",
      logFile: path ?? "",
      defaultLogLevel: level,
      debugLibrary: true,
    });
    return {
      exitCode: successful ? 0 : 1,
      result: successful ? "success" : "failed",
      errors: state.errors,
      warnings: state.warnings,
      reboot: state.reboot,
      shutdown: state.shutdown,
    };
  } finally {
    log.close();
  }
}
