import { fstatSync, ftruncateSync, writeSync } from "node:fs";
import { blocksOf, readLines, withFile } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import { sleepMilliseconds } from "../platform/processes.ts";
import type { Interpreter } from "../run/interpreter.ts";
import { rebootWishes, strongerWish } from "../run/reboot-wish.ts";
import { saveVersionToProfile } from "../run/run-stamps.ts";
import { toText } from "../text/bytes.ts";
import { compareDotSeparatedNumbers, relationHolds } from "../text/compare-versions.ts";
import { parseInteger } from "../text/numbers.ts";
import { opsiScriptVersion } from "../version.ts";
import { importLibrary, includeAppend, includeInsert } from "./includes.ts";

const isTrue = (value: string) => value === "true" || value === "on" || value === "1";

/** `NAME = true|false|on|off` */
export function runFlag(interpreter: Interpreter, { which, value }: Statement & { kind: "flag" }): void {
  const { state } = interpreter;
  switch (which) {
    case "fatalonsyntaxerror":
      state.fatalOnSyntaxError = isTrue(value);
      return;
    case "fatalonruntimeerror":
      state.fatalOnRuntimeError = isTrue(value);
      return;
    case "exitonerror":
      state.exitOnError = isTrue(value);
      return;
    case "forceloginappendmode":
      state.appendLog = isTrue(value);
      return;
    case "setdebug_lib":
      interpreter.debugLibrary = isTrue(value);
      return;
    default: // windows and debug output of a display: nothing to do without one
      interpreter.log.write(level.debug, `${which} = ${value}`);
  }
}

/** Statements without arguments. */
export function runSimple(interpreter: Interpreter, which: string): void {
  const { state, log } = interpreter;
  switch (which) {
    case "markerrornumber":
      state.mark = log.errors;
      return;
    case "issuccess":
      log.write(level.notice, "set to successful");
      interpreter.stopped = true;
      return;
    case "noupdatescript":
      state.runUpdateScript = false;
      return;
    case "issuspended":
    case "isdeferred":
      if (which === "issuspended") state.suspended = true;
      else state.deferred = true;
      state.runUpdateScript = false;
      interpreter.stopped = true;
      return;
    case "reloadproductlist":
      state.reloadProducts = true;
      return;
    case "marktime":
      state.timeMark = Date.now();
      return;
    case "difftime":
      log.write(level.notice, `time difference: ${Math.floor((Date.now() - state.timeMark) / 1000)} s`);
      return;
    case "saveversiontoprofile":
      saveVersionToProfile(interpreter);
      return;
    default: // UpdateEnvironment: only Windows has something to broadcast
      log.write(level.debug, which);
      if (which === "updateenvironment") interpreter.platform.desktop?.tellEnvironmentChanged();
  }
}

/** Statements with arguments; the parser has checked their number. */
export function runCommand(interpreter: Interpreter, statement: Statement & { kind: "command" }): void {
  const { log, state } = interpreter;
  const values = statement.arguments.map((argument) => interpreter.evaluator.string(argument));
  const first = values[0] ?? statement.word;
  switch (statement.which) {
    case "isfatalerror":
      interpreter.fail(`Error level set to fatal: ${first}`);
      state.progress = toText(first);
      return;
    case "exitscript":
      exitScript(interpreter, values);
      return;
    case "killtask":
      log.write(level.info, `KillTask ${first}: ${interpreter.platform.processes.killByName(first)} ended`);
      return;
    case "setconfidential":
      log.addConfidential(first);
      return;
    case "includelog":
      includeLog(interpreter, values);
      return;
    case "include_insert":
      includeInsert(interpreter, first);
      return;
    case "include_append":
      includeAppend(interpreter, first);
      return;
    case "importlib":
      importLibrary(interpreter, first);
      return;
    case "shrinkfiletomb":
      shrinkFile(interpreter, first, Number(statement.word));
      return;
    case "sleepseconds": {
      const seconds = parseInteger(first);
      if (seconds === null) log.write(level.error, `sleepSeconds: ${first} is no integer`);
      log.flush();
      sleepMilliseconds((seconds ?? 0) * 1000);
      return;
    }
    case "staywhilewindowopen":
      log.flush();
      while (interpreter.platform.desktop?.hasWindow(first)) sleepMilliseconds(200);
      return;
    case "setloglevel":
      log.level = parseInteger(first) ?? 6;
      return;
    case "loglevel":
      log.write(level.warning, "LogLevel is deprecated, use SetLogLevel");
      log.level = (parseInteger(first) ?? 2) + 4;
      return;
    case "exitwindows":
      exitWindows(interpreter, statement.word);
      return;
    case "opsiservicecall":
      interpreter.services.reset();
      return;
    case "requiredversion":
      requireVersion(interpreter, statement.word, first);
      return;
    default:
      log.write(level.debug, `${statement.which} ${values.join(" ")}`);
  }
}

/** Without a service there is nothing to write the state to; the original ends with a failure then. */
function exitScript(
  interpreter: Interpreter,
  [status = "unknown", progress = "ExitScript", request = "none"]: string[],
): void {
  const { state } = interpreter;
  state.exitScript = { status: toText(status), progress: toText(progress), request: toText(request) };
  state.runUpdateScript = false;
  interpreter.stopped = true;
  if (interpreter.service === null) interpreter.fail("ExitScript: no service");
}

/** The wishes only raise the level, the orders set it (interpreter §4). */
function exitWindows(interpreter: Interpreter, mode: string): void {
  const { state, settings, log } = interpreter;
  log.write(level.notice, `ExitWindows ${mode}`);
  if (settings.loginScript) return;
  if (mode === "/shutdownwanted") {
    state.shutdown = true;
    return;
  }
  const wish = rebootWishes.find((known) => `/${known.toLowerCase()}` === mode) ?? "none";
  const wanted = wish === "logoutWanted" || wish === "rebootWanted";
  state.reboot = wanted ? strongerWish(state.reboot, wish) : wish;
  if (wish === "immediateReboot" || wish === "immediateLogout") interpreter.stopped = true;
}

function requireVersion(interpreter: Interpreter, operator: string, version: string): void {
  const order = compareDotSeparatedNumbers(opsiScriptVersion, version);
  if (order === null) throw new SyntaxProblem("Version expected");
  if (relationHolds(order, operator)) return;
  interpreter.fail(`Required opsi-script version ${operator} ${version}, this is ${opsiScriptVersion}`);
}

/** The last lines of a file (negative count: the first), one more than asked for, as the original does. */
function includeLog(interpreter: Interpreter, [file = "", count = "", encoding = "system"]: string[]): void {
  const { log } = interpreter;
  const number = parseInteger(count);
  if (number === null) {
    log.write(level.warning, `includelog: ${count} is no integer`);
    return;
  }
  try {
    const lines = readLines(file, encoding);
    const chosen = number >= 0 ? lines.slice(-(number + 1)) : lines.slice(0, -number + 1);
    log.write(level.debug, "################################################################");
    for (const line of chosen) log.writeIncluded(line);
    log.write(level.debug, "################################################################");
  } catch (error) {
    log.write(level.warning, `includelog: ${file}: ${reasonOf(error)}`);
  }
}

/** The last megabytes move to the front in blocks; when that is interrupted, the end of the file is still complete. */
function shrinkFile(interpreter: Interpreter, file: string, megabytes: number): void {
  const most = megabytes * 1024 * 1024;
  try {
    withFile(toText(expandPath(file)), "r+", (opened) => {
      const { size } = fstatSync(opened);
      if (size <= most) return;
      let position = 0;
      for (const block of blocksOf(opened, size - most)) {
        position += writeSync(opened, block, 0, block.length, position);
      }
      ftruncateSync(opened, most);
    });
  } catch (error) {
    interpreter.warning(`ShrinkFileToMB: ${file}: ${reasonOf(error)}`);
  }
}
