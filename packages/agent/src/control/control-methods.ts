import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { generateHostKey, OpsiError } from "@opsi-ts/model";
import { readCertificates, writeCaFile } from "@opsi-ts/protocol";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import type { EventRunner } from "../events/event-runner.ts";
import type { Power } from "../platform/platform.ts";
import { cacheState } from "../processing/cache-products.ts";
import { clearCache } from "../processing/fetch-products.ts";
import { readTail } from "../processing/report-log.ts";
import { caFile, type ServiceLink } from "../service/service-link.ts";
import type { AgentState } from "../state/agent-state.ts";
import { waitSeconds } from "../wait-seconds.ts";
import { type ControlMethod, describeInterface, method, required } from "./control-method.ts";

/** What the methods work on. */
export interface ControlParts {
  readonly configuration: AgentConfiguration;
  readonly state: AgentState;
  readonly runner: EventRunner;
  readonly link: ServiceLink;
  readonly started: number;
  readonly power: { readonly triggered: Power; restart(power: Exclude<Power, "none">, seconds: number): void };
  restartAgent(seconds: number): void;
}

const logTypes = [
  "opsiclientd",
  "opsi-script",
  "opsi_loginblocker",
  "opsiclientdguard",
  "notifier_block_login",
  "notifier_event",
  "opsi-client-agent",
];

/** The methods of `/opsiclientd`. What this agent cannot do says so instead of pretending. (agent §6.5) */
export function controlMethods(parts: ControlParts): Record<string, ControlMethod> {
  const { configuration, state, runner, link, power } = parts;
  const cannot = (what: string, parameters: Record<string, unknown> = {}) =>
    method(`Not available: ${what}`, parameters, () => {
      throw new OpsiError("NotImplementedError", what);
    });
  const exit = method("Ends the session of the caller, nothing else.", {}, () => null);
  const describe = method("Describes these methods.", {}, () => describeInterface(methods));
  const set = method(
    "Sets an option in memory.",
    { section: required, option: required, value: required },
    (section: string, option: string, value: unknown) => {
      const accepted = configuration.set(String(section), String(option), Array.isArray(value) ? value : String(value));
      if (!accepted) throw new OpsiError("ValueError", `Option '${section}.${option}' or its value was refused`);
      return null;
    },
  );
  const methods: Record<string, ControlMethod> = {
    backend_exit: exit,
    exit,
    backend_getInterface: describe,
    getPossibleMethods_listOfHashes: describe,
    backend_info: method("Nothing.", {}, () => ({})),
    noop: method("Does nothing.", { arg: required }, () => null),
    wait: method("Waits.", { seconds: 0 }, async (seconds: unknown) => {
      await setTimeout(Math.min(3600, Number(seconds) || 0) * 1000);
      return null;
    }),
    uptime: method("Seconds since the agent started.", {}, () => Math.floor((Date.now() - parts.started) / 1000)),

    fireEvent: method(
      "Starts an event.",
      { name: required, can_cancel: true, event_info: null },
      (name: unknown, canCancel: unknown, info: unknown) => {
        runner.fire(String(name), {
          canCancel: Boolean(canCancel),
          productIds: productIdsOf(info),
          info: textsOf(info),
        });
        return null;
      },
    ),
    processActionRequests: method(
      "Starts the event that works off requests; `visibility` is accepted, there is nothing to see anyway.",
      { product_ids: null, visibility: null },
      (productIds: unknown) => {
        runner.fire(actionsEvent(configuration, runner), { canCancel: true, productIds: textList(productIds) });
        return null;
      },
    ),
    getRunningEvents: method("Ids of running events.", {}, () => (runner.running === null ? [] : [runner.running])),
    isEventRunning: method(
      "True if exactly this event config runs.",
      { name: required },
      (name: unknown) => runner.running === name,
    ),
    cancelEvents: method("Cancels a running event.", { ids: null }, (ids: unknown) => runner.cancel(textList(ids))),
    isInstallationPending: method("True if actions have begun and not ended.", {}, () =>
      state.isTrue("installation_pending"),
    ),

    getState: method(
      "Reads from the agent's memory.",
      { name: required, default: null },
      (name: unknown, fallback: unknown) => state.get(String(name), fallback),
    ),
    setState: method(
      "Writes to the agent's memory.",
      { name: required, value: required },
      async (name: unknown, value: unknown) => {
        await state.set(String(name), value);
        return null;
      },
    ),
    getConfig: method("The whole configuration.", {}, () => configuration.toObject()),
    getConfigValue: method(
      "One option.",
      { section: required, option: required },
      (section: unknown, option: unknown) => {
        const value = configuration.value(`${String(section).toLowerCase()}.${String(option).toLowerCase()}`);
        if (value === undefined) throw new OpsiError("ValueError", `No such option: '${section}.${option}'`);
        return value;
      },
    ),
    set,
    setConfigValue: set,
    readConfigFile: method("Reads the configuration file again.", {}, async () => {
      await configuration.readFile();
      return null;
    }),
    updateConfigFile: method("Writes the configuration file.", { force: false }, async (force: unknown) => {
      await configuration.writeFile(Boolean(force));
      return null;
    }),
    getBackendInfo: method("What the service says about itself.", {}, async () =>
      (await link.client()).call("backend_info"),
    ),

    isRebootRequested: method("True if a restart was triggered.", {}, () => power.triggered === "reboot"),
    isRebootTriggered: method("True if a restart was triggered.", {}, () => power.triggered === "reboot"),
    isShutdownRequested: method("True if switching off was triggered.", {}, () => power.triggered === "shutdown"),
    isShutdownTriggered: method("True if switching off was triggered.", {}, () => power.triggered === "shutdown"),
    reboot: method("Restarts the machine.", { waitSeconds: 0 }, (seconds: unknown) => {
      power.restart("reboot", Number(seconds) || 0);
      return null;
    }),
    shutdown: method("Switches the machine off.", { waitSeconds: 0 }, (seconds: unknown) => {
      power.restart("shutdown", Number(seconds) || 0);
      return null;
    }),
    restart: method("Restarts the agent.", { waitSeconds: 0 }, (seconds: unknown) => {
      parts.restartAgent(Number(seconds) || 0);
      return null;
    }),

    log_read: method(
      "The newest part of a log.",
      { logType: "opsiclientd", extension: "", maxSize: 5_000_000 },
      (type: unknown, extension: unknown, maximum: unknown) =>
        readLog(configuration, String(type), String(extension), Number(maximum) || 0),
    ),
    readLog: method("The log of the agent.", { logType: "opsiclientd" }, (type: unknown) => {
      if (type !== "opsiclientd") throw new OpsiError("ValueError", `Unknown log type '${type}'`);
      return readFile(configuration.text("global.log_file"), "utf8");
    }),
    cacheService_deleteCache: method("Forgets all products that were fetched.", {}, async () => {
      if (runner.running !== null) throw new OpsiError("RuntimeError", `Event '${runner.running}' is using the cache`);
      await clearCache(configuration);
      await state.set("product_cache_service", null);
      return "config and product cache deleted";
    }),
    cacheService_getProductCacheState: method("What is in the cache for a later event.", {}, () => ({
      running: false,
      working: runner.running !== null,
      ...cacheState(state),
    })),
    execute: method(
      "Runs a command in the system's shell.",
      { command: required, waitForEnding: true, captureStderr: true, encoding: null, timeout: 300 },
      (command: unknown, waitForEnding: unknown, captureStderr: unknown, _encoding: unknown, timeout: unknown) =>
        execute(configuration, String(command), Boolean(waitForEnding), Boolean(captureStderr), Number(timeout) || 300),
    ),
    getActiveSessions: method("People who are logged in.", {}, () => configuration.platform.sessions()),
    updateOpsiCaCert: method("Replaces the CA of the service.", { ca_cert_pem: required }, async (pem: unknown) => {
      if (readCertificates(String(pem)).length === 0) throw new OpsiError("ValueError", "No certificate given");
      await writeCaFile(caFile(configuration), String(pem));
      return null;
    }),
    replaceOpsiHostKey: method(
      "Gives this client a new host key, on the service first.",
      { new_key: null },
      async (given: unknown) => {
        const key = given === null ? generateHostKey() : String(given);
        if (!/^[0-9a-f]{32}$/.test(key))
          throw new OpsiError("ValueError", "Bad opsi host key, 32 hexadecimal digits needed");
        const id = configuration.text("global.host_id");
        const service = await link.client();
        const [host] = await service.call<Record<string, unknown>[]>("host_getObjects", [[], { id }]);
        if (host === undefined) throw new OpsiError("BackendMissingDataError", `Host '${id}' not found`);
        await service.call("host_updateObject", [{ ...host, opsiHostKey: key }]);
        configuration.set("global", "opsi_host_key", key);
        await configuration.writeFile(true);
        parts.restartAgent(2);
        return null;
      },
    ),

    getBlockLogin: method("Logins are never blocked here.", {}, () => false),
    showPopup: cannot("This agent has no windows to show messages in", {
      message: required,
      mode: "prepend",
      addTimestamp: true,
      displaySeconds: 0,
    }),
    execPythonCode: cannot("This agent does not run Python code", { code: required }),
    runCommand: cannot("This agent does not start programs on desktops, use execute", {
      command: required,
      sessionId: null,
      desktop: null,
      use_subprocess: false,
    }),
  };
  return methods;
}

/** `auto`: the timer if there is one, else `on_demand`. (agent §6.5) */
function actionsEvent(configuration: AgentConfiguration, runner: EventRunner): string {
  const configured = configuration.text("control_server.process_actions_event");
  if (configured !== "auto") return configured;
  const event = ["timer", "on_demand"].find((name) => runner.fireable.includes(name));
  if (event === undefined) throw new OpsiError("ValueError", "Neither timer nor on_demand event active");
  return event;
}

function textList(value: unknown): string[] | null {
  if (value === null || value === undefined) return null;
  return [value].flat().map(String);
}

function productIdsOf(info: unknown): string[] | null {
  return typeof info === "object" && info !== null && "product_ids" in info ? textList(info.product_ids) : null;
}

function textsOf(info: unknown): Record<string, string> {
  if (typeof info !== "object" || info === null || Array.isArray(info)) return {};
  return Object.fromEntries(Object.entries(info).map(([key, value]) => [key, String(value)]));
}

async function readLog(
  configuration: AgentConfiguration,
  type: string,
  extension: string,
  maximum: number,
): Promise<string> {
  if (!logTypes.includes(type)) throw new OpsiError("ValueError", `Unknown log type '${type}'`);
  if (!/^\w*$/.test(extension)) throw new OpsiError("ValueError", `Bad log extension '${extension}'`);
  const folder = dirname(configuration.text("global.log_file"));
  const names = extension === "" ? [`${type}.log`] : [`${type}.log.${extension}`, `${type}_${extension}.log`];
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null))?.isFile()) return readTail(path, maximum);
  }
  return "No such file or directory";
}

const maximumOutput = 10_000_000;

/** @throws OpsiError RuntimeError for an exit code other than 0, TimeoutError */
async function execute(
  configuration: AgentConfiguration,
  command: string,
  wait: boolean,
  captureStderr: boolean,
  seconds: number,
): Promise<string[] | null> {
  const { platform } = configuration;
  const child = spawn(command, {
    shell: true,
    detached: platform.system !== "windows",
    windowsHide: true,
    stdio: ["ignore", wait ? "pipe" : "ignore", wait && captureStderr ? "pipe" : "ignore"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (!wait) {
    ended.catch(() => {}); // nobody asked how it ended
    child.unref();
    return null;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const keep = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maximumOutput) chunks.push(chunk);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const timer = new AbortController();
  const outcome = await Promise.race([
    ended,
    waitSeconds(seconds, timer.signal).then(
      () => "timeout" as const,
      () => null,
    ),
  ]);
  timer.abort();
  if (outcome === "timeout") {
    if (child.pid !== undefined) platform.signalGroup(child.pid, "SIGKILL");
    throw new OpsiError("TimeoutError", `Command ended after ${seconds} seconds`);
  }
  const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (outcome !== 0)
    throw new OpsiError("RuntimeError", `Command failed (${outcome ?? "killed"}): ${lines.join("\n").slice(0, 2000)}`);
  return lines;
}
