import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandLine, ServiceOptions } from "../command-line.ts";
import { type Configuration, readConfiguration, serviceConfigurationIds, withServiceValues } from "../configuration.ts";
import { level, ScriptLog } from "../log/log.ts";
import { rotateLog } from "../log/log-files.ts";
import type { Platform } from "../platform/platform.ts";
import { toBytes } from "../text/bytes.ts";
import { opsiScriptVersion } from "../version.ts";
import { type LoopResult, ProductLoop } from "./product-loop.ts";
import { type Service, ServiceProblem } from "./service.ts";
import { SynchronousService } from "./synchronous-service.ts";

/** Only so much of the log is sent, unless the service says otherwise. */
const defaultSizeLimit = 5 * 1024 * 1024;
/** What a service takes in one call. */
const largestWrite = 10_000_000;
const depotFolders = ["/media/opsi_depot", "/mnt"];

export interface ServiceRunResult extends LoopResult {
  readonly exitCode: 0 | 1 | 2;
}

/**
 * One run in service mode: settings, depot, products, log (interpreter §3.2). Exit code 2: the service cannot be used
 * at all, nothing has been done.
 */
export function runWithService(
  { parameter, userContext, testSyntax, logFile }: CommandLine,
  options: ServiceOptions,
  platform: Platform,
): ServiceRunResult {
  const login = {
    url: options.url,
    username: options.username,
    password: options.password,
    userAgent: `opsi-script / ${opsiScriptVersion}`,
    caFile: options.caFile,
  };
  const service = new SynchronousService(login, options.clientId);
  const isLogin = options.mode.kind === "login";
  let configuration = readConfiguration();
  const user = platform.information.userName;
  const name = isLogin ? `${user}_login` : "opsi-script";
  const path =
    logFile === null ? rotateLog(platform.folders.log, name, configuration.logRotationCount) : resolve(logFile);
  const log = new ScriptLog({
    path,
    append: false,
    level: configuration.defaultLogLevel,
    leastLevel: configuration.leastLogLevel,
  });
  log.addConfidential(toBytes(options.password));
  const nothing = { successful: false, reboot: "none", shutdown: false, appendLog: false } as const;
  try {
    configuration = readServiceConfiguration(service, configuration);
    log.level = configuration.defaultLogLevel;
    log.leastLevel = configuration.leastLogLevel;
    if (isLogin && user.includes("opsisetupadmin")) return { ...nothing, successful: true, exitCode: 0 };
    const result = new ProductLoop({
      service,
      log,
      logFile: path,
      platform,
      configuration,
      depotId: readDepotId(service),
      depotPath: options.depotPath ?? depotFolders.find((candidate) => existsSync(candidate)) ?? "/media/opsi_depot",
      mode: options.mode,
      parameter,
      userContext,
      testSyntax,
    }).run();
    sendLog(service, log, isLogin ? "userlogin" : "instlog", result.appendLog);
    return { ...result, exitCode: result.successful ? 0 : 1 };
  } catch (error) {
    if (!(error instanceof ServiceProblem)) throw error;
    log.write(level.critical, toBytes(`Service: ${error.class}: ${error.message}`));
    return { ...nothing, exitCode: 2 };
  } finally {
    service.close();
    log.close();
  }
}

function readServiceConfiguration(service: Service, base: Configuration): Configuration {
  const ids = [...serviceConfigurationIds, "clientconfig.depot.user"];
  const answer = service.call("configState_getValues", [ids, [service.clientId], true]) as Record<
    string,
    Record<string, unknown>
  >;
  return withServiceValues({ ...base, leastLogLevel: 0, debugLibrary: false }, answer[service.clientId] ?? {});
}

/** The agent knows the depot that it has taken the files from; otherwise the service decides. */
function readDepotId(service: Service): string {
  return process.env["OPSI_DEPOT_ID"] || String(service.call("getDepotId", [service.clientId]));
}

/** Servers of version 4.3 speak of megabytes, older ones of bytes (methods, backend_getSystemConfiguration). */
function sizeLimit(value: number): number {
  if (!(value > 0)) return defaultSizeLimit;
  return Math.min(value < 10_000 ? value * 1_000_000 : value, largestWrite);
}

/** A log that cannot be sent fails nothing: it is still on this machine. */
function sendLog(service: Service, log: ScriptLog, type: string, append: boolean): void {
  try {
    const settings = service.call("backend_getSystemConfiguration", []) as { log?: { size_limit?: unknown } } | null;
    const text = log.readPart(sizeLimit(Number(settings?.log?.size_limit)));
    service.call("log_write", [type, text, service.clientId, append]);
    service.call("backend_exit", []);
  } catch (error) {
    if (!(error instanceof ServiceProblem)) throw error;
    log.write(level.error, toBytes(`The log could not be sent: ${error.message}`));
  }
}
