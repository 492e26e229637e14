import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LineStyle, type Log, levels, numbered, openLog, silentLog } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import { AgentConfiguration } from "./configuration/agent-configuration.ts";
import { fillPlaceholders } from "./configuration/placeholders.ts";
import { readFromService } from "./configuration/read-from-service.ts";
import { Authentication } from "./control/authentication.ts";
import {
  type ControlCertificate,
  openControlCertificate,
  renewControlCertificate,
} from "./control/control-certificate.ts";
import type { ControlMethod } from "./control/control-method.ts";
import { controlMethods } from "./control/control-methods.ts";
import { ControlServer } from "./control/control-server.ts";
import { EventGenerators } from "./events/event-generators.ts";
import { EventRunner, type EventWork, type RunningEvent } from "./events/event-runner.ts";
import { currentPlatform } from "./platform/current-platform.ts";
import type { Platform, Power } from "./platform/platform.ts";
import { cacheProducts, cacheState } from "./processing/cache-products.ts";
import { type ActionContext, processActions } from "./processing/process-actions.ts";
import { reportLog } from "./processing/report-log.ts";
import { runShellCommand } from "./processing/run-shell-command.ts";
import { processorEnvironment } from "./processor/processor-environment.ts";
import { BackgroundDelivery } from "./service/background-delivery.ts";
import { Outbox } from "./service/outbox.ts";
import { ServiceLink } from "./service/service-link.ts";
import { ServiceRelay } from "./service/service-relay.ts";
import { lockInstance } from "./single-instance.ts";
import { AgentState } from "./state/agent-state.ts";
import { isMarked, leaveMarker, markerPath, removeMarker, takeMarker } from "./state/restart-marker.ts";
import { waitSeconds } from "./wait-seconds.ts";

export interface AgentOptions {
  /** `/` on an installed machine; with any other folder the agent keeps all its files below it. */
  readonly root: string;
  /** Log lines up to this level go to stderr too; 0 = none. */
  readonly stderrLevel?: number;
  readonly stderr?: (line: string) => void;
  /** Shell commands instead of restarting this machine; without them nothing but an agent below `/` restarts it. */
  readonly rebootCommand?: string | undefined;
  readonly shutdownCommand?: string | undefined;
  /** Fire no event by itself. */
  readonly quiet?: boolean;
  /** The control server's port; without it the configured one. */
  readonly controlPort?: number | undefined;
  readonly platform?: Platform;
  /** Called when the agent wants to be started again, by method `restart`. */
  readonly onRestart?: () => void;
}

export interface Agent extends AsyncDisposable {
  readonly hostId: string;
  readonly controlPort: number;
  readonly log: Log;
  /** Fires an event and waits for its end; false if it did not take place or failed. */
  process(event: string): Promise<boolean>;
}

/** The context of a line is the event in work. (agent §1.6) */
const lineStyle: LineStyle = {
  subject: "agent",
  contextField: "event",
  context: (event, subject) => (event === "" ? subject : `event processing ${event}`),
  contextWidth: 40,
  maxMessage: Number.POSITIVE_INFINITY,
  stackLevel: levels.error,
};

/** Opens the parts of the agent in order. When one fails, those before it are closed again, last first. (agent §1.3) */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  await using opening = new AsyncDisposableStack();
  const platform = options.platform ?? currentPlatform();
  const folders = platform.folders(options.root);
  const started = Date.now();
  opening.use(await lockInstance(folders.stateFolder, platform));
  // Sizes and levels of the log are in the configuration, whose complaints belong into the log: it is read twice.
  const first = new AgentConfiguration(platform, options.root, silentLog);
  await first.readFile();
  const state: AgentState = await AgentState.open(first.text("global.state_file"), {
    user_logged_in: () => platform.userLoggedIn(),
    products_cached: () => cacheState(state).products_cached,
    config_cached: () => false,
  });
  const logFile = join(folders.logFolder, "opsiclientd.log");
  const { log, setFileLevel } = opening.use(
    openLog({
      file: {
        path: logFile,
        mode: 0o600,
        folderMode: 0o755,
        maxBytes: first.number("global.max_log_size") * 1_000_000,
        keep: first.number("global.keep_rotated_logs"),
        olderName: numbered,
        // What the service has not got yet stays in the file that is sent.
        rotateAtStart: !state.isTrue("log_unsent"),
      },
      fileLevel: first.number("global.log_level"),
      stderrLevel: options.stderrLevel ?? 0,
      highestLevel: levels.trace, // the file is sent to the service: no secrets, whatever the configuration says
      style: lineStyle,
      ...(options.stderr === undefined ? {} : { stderr: options.stderr }),
    }),
  );
  log.essential({ root: options.root, process: process.pid }, "opsi client agent starts");
  const configuration = new AgentConfiguration(platform, options.root, log);
  await configuration.readFile();
  if (configuration.text("global.host_id") === "") configuration.set("global", "host_id", platform.hostName());
  const hostId = configuration.text("global.host_id");
  if (configuration.text("global.opsi_host_key") === "") {
    throw new OpsiError("ValueError", `No host key in ${folders.configurationFile}: register this client first`);
  }

  const outbox = await Outbox.open(join(folders.stateFolder, "outbox"), log);
  const link = opening.use(new ServiceLink(configuration, state, log));
  const relay = new ServiceRelay(outbox, () => link.client(), log);
  const delivery = opening.use(new BackgroundDelivery(outbox, link, log));
  const environment = await processorEnvironment(options.root, platform, folders);
  const power = powerControl(options, platform, configuration, log);
  let certificate: ControlCertificate = await openControlCertificate(
    configuration.text("control_server.ssl_server_cert_file"),
    hostId,
  );

  const marker = markerPath(configuration.text("global.base_dir"));
  const restartAgent = (seconds: number) => {
    log.notice({ seconds }, "agent restarts");
    void mkdir(configuration.text("global.base_dir"), { recursive: true })
      .then(() => leaveMarker(marker))
      .then(() => sleep(seconds * 1000, undefined, { ref: false }))
      .then(() => options.onRestart?.())
      .catch((error: unknown) => log.error({ err: error }, "agent could not be restarted"));
  };
  /** The running event's hold on the connection. */
  let held: AsyncDisposable | null = null;
  const work: EventWork = {
    async connect(_event, signal) {
      await state.set("log_unsent", true);
      held = link.hold();
      const service = await link.connect(signal);
      await noteMasterDepot(configuration, service, log);
    },
    async readConfiguration() {
      await configuration.readFile();
      await readFromService(configuration, await link.client(), log);
      setFileLevel(configuration.number("global.log_level"));
      generators.reconcile();
      await renewCertificate();
    },
    processActions: (event, signal) => processActions(actionContext(event), event, signal),
    async cacheProducts(event, signal) {
      const complete = await cacheProducts(actionContext(event), signal);
      if (complete) void runner.idle().then(fireSyncCompleted);
    },
    async sendLog({ configuration: { options: event } }) {
      if (!event.write_log_to_service || !link.connected) return;
      await reportLog(
        await link.client(),
        configuration.text("global.host_id"),
        logFile,
        configuration.number("global.max_log_transfer_size"),
      );
      await state.set("log_unsent", null);
    },
    async close(event, canceled) {
      await held?.[Symbol.asyncDispose]();
      delivery.wake();
      if (!canceled) await runShellCommand(fillConfiguration(configuration, event), log);
      void runner
        .idle()
        .then(followMarker)
        .catch((error: unknown) => log.error({ err: error }, "restart marker stays"));
    },
    async warn(event, wanted, seconds, signal) {
      const text = event.configuration.options.shutdown_warning_message || "Software was installed.";
      for (let left = seconds; left > 0; left -= 60) {
        if (left === seconds || left <= 300)
          platform.notifyUsers(
            `${text} ${wanted === "reboot" ? "Restart" : "Shutdown"} in ${Math.ceil(left / 60)} minutes.`,
          );
        await sleep(Math.min(60, left) * 1000, undefined, { signal });
      }
      return true;
    },
    restartMachine: (wanted) => power.now(wanted),
  };
  const actionContext = (event: RunningEvent): ActionContext => ({
    configuration,
    state,
    outbox,
    relay,
    client: () => link.client(),
    relayUrl: control.relayUrl,
    environment,
    log: log.child({ event: event.configuration.id }),
  });
  /** Left by a script, e.g. of a package that replaces the agent. A restart of the machine is one of the agent, too. */
  const followMarker = async () => {
    if (!(await isMarked(marker))) return;
    if (power.triggered === "none") restartAgent(3);
    else await removeMarker(marker);
  };
  const fireSyncCompleted = () => {
    for (const mainId of runner.ofType("sync completed")) {
      try {
        runner.fire(mainId, { canCancel: false });
      } catch (error) {
        log.notice({ event: mainId, err: error }, "event does not take place");
      }
    }
  };
  const runner = opening.use(new EventRunner(configuration, state, work, log));
  const generators = opening.use(new EventGenerators(configuration, runner, log));
  const methods: Record<string, ControlMethod> = controlMethods({
    configuration,
    state,
    runner,
    link,
    started,
    power,
    restartAgent,
  });
  const control = opening.use(
    await ControlServer.open({
      interfaces: configuration.list("control_server.interface"),
      port: options.controlPort ?? configuration.number("control_server.port"),
      certificate,
      authentication: new Authentication(
        () => configuration.text("global.opsi_host_key"),
        () => configuration.number("control_server.max_authentication_failures"),
      ),
      methods: () => methods,
      relay: (call, signal) => relay.call(call, signal),
      serviceVersion: () => link.serverVersion,
      log,
    }),
  );
  async function renewCertificate(): Promise<void> {
    try {
      const file = configuration.text("control_server.ssl_server_cert_file");
      const renewed = await renewControlCertificate(certificate, file, hostId, await link.client());
      if (renewed === null) return;
      certificate = renewed;
      control.useCertificate(renewed);
      log.notice({ days: Math.floor(renewed.daysLeft) }, "control server has a new certificate");
    } catch (error) {
      log.warning({ err: error }, "control server keeps its certificate");
    }
  }

  delivery.wake();
  if (options.quiet !== true) {
    const { disabledTypes, runScript } = await takeMarker(marker);
    if (disabledTypes.size > 0)
      log.notice({ types: [...disabledTypes].join(", ") }, "event types are disabled for this run");
    if (runScript !== null) log.warning({ runScript }, "a script at the start of the agent is not supported");
    generators.start(disabledTypes);
  }
  const running = opening.move();
  return {
    hostId,
    controlPort: control.port,
    log,
    async process(event) {
      if (!runner.fire(event, { canCancel: true })) return false;
      await runner.idle();
      return runner.lastEventSucceeded;
    },
    [Symbol.asyncDispose]: async () => {
      log.essential({}, "opsi client agent stops");
      await running.disposeAsync();
    },
  };
}

/** Which depot serves this client; kept for times without the service. (agent §4.3) */
async function noteMasterDepot(
  configuration: AgentConfiguration,
  service: { call<T>(method: string, params: readonly unknown[]): Promise<T> },
  log: Log,
): Promise<void> {
  try {
    const hostId = configuration.text("global.host_id");
    const [assigned] = await service.call<{ depotId: string }[]>("configState_getClientToDepotserver", [
      null,
      hostId,
      true,
      null,
    ]);
    if (assigned !== undefined) configuration.set("depot_server", "master_depot_id", assigned.depotId);
    await configuration.writeFile(false);
  } catch (error) {
    log.warning({ err: error }, "depot of this client is not known");
  }
}

function fillConfiguration(configuration: AgentConfiguration, { configuration: { options } }: RunningEvent): string {
  return fillPlaceholders(options.post_event_command, (name) =>
    configuration.value(name) === undefined ? undefined : configuration.text(name),
  );
}

interface PowerControl {
  readonly triggered: Power;
  now(power: Exclude<Power, "none">): Promise<void>;
  restart(power: Exclude<Power, "none">, seconds: number): void;
}

/** The wish of a script is cleared when its turn has come: after that the machine is on its way down. (agent §4.6) */
function powerControl(
  options: AgentOptions,
  platform: Platform,
  configuration: AgentConfiguration,
  log: Log,
): PowerControl {
  let triggered: Power = "none";
  const now = async (power: Exclude<Power, "none">) => {
    const command = power === "reboot" ? options.rebootCommand : options.shutdownCommand;
    log.essential({ power }, "machine restarts or switches off now");
    triggered = power;
    if (command !== undefined) await runShellCommand(command, log);
    else if (options.root === "/") {
      platform.notifyUsers(power === "reboot" ? "The machine restarts now." : "The machine is switched off now.");
      platform.execute(power);
    } else log.warning({ power, root: options.root }, "an agent below another root leaves the machine alone");
    await mkdir(configuration.folders.runFolder, { recursive: true });
    platform.clearPowerRequest(configuration.folders, power);
  };
  return {
    get triggered() {
      return triggered;
    },
    now,
    restart: (power, seconds) => {
      void waitSeconds(seconds)
        .then(() => now(power))
        .catch((error: unknown) => log.error({ err: error }, "machine could not be restarted"));
    },
  };
}
