import { realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { FatalProblem, reasonOf } from "../language/problems.ts";
import { ScriptText } from "../language/script-text.ts";
import { loadSource, type Source } from "../language/source.ts";
import { boolText, level, type ScriptLog } from "../log/log.ts";
import type { Platform } from "../platform/platform.ts";
import { sleepMilliseconds } from "../platform/processes.ts";
import type { Service } from "../service/service.ts";
import { ServiceConnections } from "../service/service-connections.ts";
import { toBytes } from "../text/bytes.ts";
import { systemEncodingName } from "../text/encodings.ts";
import { opsiScriptVersion } from "../version.ts";
import { Constants } from "./constants.ts";
import type { ProductData, RunSettings, RunState } from "./context.ts";
import { Interpreter } from "./interpreter.ts";
import { executeSection } from "./runner.ts";
import { checkSyntax } from "./syntax-check.ts";

export interface ScriptRunOptions {
  /** Path as given; `%ScriptPath%` is its directory. */
  readonly file: string;
  readonly log: ScriptLog;
  readonly platform: Platform;
  readonly settings: Omit<RunSettings, "scriptFile" | "scriptPath">;
  readonly service: Service | null;
  readonly product: ProductData | null;
  readonly depotId: string;
  readonly logFile: string;
  readonly defaultLogLevel: number;
  readonly debugLibrary: boolean;
  readonly trace?: boolean;
  readonly setProgress?: (text: string) => void;
}

export interface ScriptRunResult {
  readonly successful: boolean;
  readonly state: RunState;
}

/** Runs one script from its first to its last line; everything that it does is in the log (language §2.1). */
export function runScriptFile(options: ScriptRunOptions): ScriptRunResult {
  const { log, file } = options;
  const scriptPath = toBytes(dirname(file));
  const settings: RunSettings = { ...options.settings, scriptFile: toBytes(file), scriptPath };
  const constants = makeConstants(options, scriptPath);
  const { setProgress } = options;
  const services = new ServiceConnections(options.service);
  const interpreter = new Interpreter(
    { ...options, services, constants, settings, ...(setProgress ? { setProgress } : {}) },
    executeSection,
  );
  const directory = process.cwd();
  const { level: logLevel } = log;
  try {
    execute(interpreter, file);
  } catch (error) {
    if (error instanceof FatalProblem) interpreter.fail(error.message);
    else {
      // nothing in a script may end the interpreter: a defect of ours fails the script and is told in full
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      interpreter.fail(`Internal error: ${toBytes(text)}`);
    }
  } finally {
    services.close();
    goBack(log, directory);
    log.depth = 0;
    log.quiet = false;
    log.place = null;
  }
  const { state } = interpreter;
  const successful = !state.fatal;
  if (log.level < level.essential) log.level = level.essential; // the closing lines are always written
  log.write(level.essential, "___________________");
  log.write(level.essential, `script finished: ${successful ? "success" : "failed"}`);
  log.write(level.essential, `${state.errors} error${state.errors === 1 ? "" : "s"}`);
  log.write(level.essential, `${state.warnings} warning${state.warnings === 1 ? "" : "s"}`);
  log.level = logLevel;
  log.flush();
  return { successful, state };
}

function execute(interpreter: Interpreter, file: string): void {
  const { log, settings } = interpreter;
  const source = loadPatiently(file);
  writeHeader(interpreter, source.encoding);
  if (source.warning !== null) log.write(level.warning, source.warning);
  interpreter.script = new ScriptText(source.lines);
  if (source.lines.every(({ text }) => text.trim() === "")) {
    interpreter.warning("The script is empty");
    return;
  }
  if (settings.testSyntax) {
    checkSyntax(interpreter, source);
    return;
  }
  const initial = interpreter.script.section("initial");
  if (initial) {
    interpreter.warning("Section Initial is deprecated");
    start(interpreter, "Initial", initial);
  }
  if (!interpreter.goesOn) return;
  const login = settings.loginScript ? interpreter.script.section("profileactions") : null;
  if (login) {
    start(interpreter, "ProfileActions", login);
    return;
  }
  const actions = interpreter.script.section("actions");
  if (actions) start(interpreter, "Actions", actions);
  else interpreter.warning("Section Actions not found or empty");
}

/** A script may have changed the working directory and removed the one or the other. */
function goBack(log: ScriptLog, directory: string): void {
  try {
    process.chdir(directory);
  } catch (error) {
    log.write(level.warning, reasonOf(error));
  }
}

/** The depot share may be late: a missing script is looked for once more after a second (language §1.1). */
function loadPatiently(file: string): Source {
  try {
    return loadSource(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw new FatalProblem(`${toBytes(file)}: ${reasonOf(error)}`);
  }
  sleepMilliseconds(1000);
  try {
    return loadSource(file);
  } catch (error) {
    throw new FatalProblem(`Script cannot be read: ${reasonOf(error)}`);
  }
}

function start(interpreter: Interpreter, name: string, lines: NonNullable<ReturnType<ScriptText["section"]>>): void {
  interpreter.log.write(level.notice, `Start of section ${name}`);
  interpreter.run({ name, lines, position: 0, text: null, caller: null });
}

function writeHeader(interpreter: Interpreter, encoding: string): void {
  const { log, platform, settings, product, constants } = interpreter;
  const { information, network } = platform;
  for (const line of [
    "======= APP START =======",
    `opsi-script ${opsiScriptVersion} started`,
    `script: ${settings.scriptFile}`,
    `encoding of the script: ${encoding}, of the system: ${systemEncodingName()}`,
    `product: ${product?.id ?? ""}`,
    `host id: ${constants.get("hostID") ?? ""}`,
    `executed by user: ${information.userName}, administrator: ${boolText(information.isAdministrator)}`,
    `system: ${information.os} ${information.architecture}, host ${network.hostName}, address ${network.address}`,
  ]) {
    log.write(level.essential, line);
  }
}

/** All constants in the order in which they are replaced (language §1.6). */
function makeConstants(options: ScriptRunOptions, scriptPath: string): Constants {
  const { platform, service, product } = options;
  const { folders, network, information } = platform;
  const constants = new Constants();
  for (const [name, value] of Object.entries(folders.constants(options.settings.userContext, scriptPath)))
    constants.set(name, value);
  const own = toBytes(resolve(import.meta.dirname, "../.."));
  const realPath = () => {
    try {
      return toBytes(dirname(realpathSync(options.file)));
    } catch {
      return scriptPath; // the script has just been removed
    }
  };
  const url = service?.url ?? "";
  const version = product ? `${product.version}-${product.packageVersion}` : "";
  const values: Record<string, string | (() => string)> = {
    Scriptpath: scriptPath,
    ScriptDir: scriptPath,
    realScriptpath: realPath,
    WinstDir: own,
    OpsiscriptDir: own,
    WinstVersion: opsiScriptVersion,
    OpsiscriptVersion: opsiScriptVersion,
    OpsiscriptProcName: toBytes(basename(process.argv[1] ?? "opsi-script")),
    Logfile: toBytes(options.logFile),
    PCNAME: process.env["PCNAME"] ?? network.hostName,
    HOST: () => network.hostName,
    hostID: service ? toBytes(service.clientId) : "",
    FQDN: () => network.fullyQualifiedName,
    IPAddress: () => network.address,
    IPName: () => network.hostName,
    Username: information.userName,
    opsiserviceURL: toBytes(url),
    opsiserviceUser: toBytes(service?.username ?? ""),
    opsiservicePassword: toBytes(service?.password ?? ""),
    opsiserviceClientId: toBytes(service?.clientId ?? ""),
    opsiServer: toBytes(/\/\/\[?([^/\]]*?)\]?:/.exec(url)?.[1] ?? ""),
    opsiDepotId: toBytes(options.depotId),
    installingProdName: product?.id ?? "",
    installingProduct: product?.id ?? "",
    installingProdVersion: version,
    installingVersion: product?.version ?? "",
  };
  for (const [name, value] of Object.entries(values)) constants.set(name, value);
  if (options.settings.userContext !== "") constants.set("Usercontext", options.settings.userContext);
  return constants;
}
