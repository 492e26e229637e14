import { join } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { ServiceClient } from "@opsi-ts/protocol";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { fillPlaceholders } from "../configuration/placeholders.ts";
import type { Caller } from "../configuration/read-from-service.ts";
import type { EventConfiguration } from "../events/event-configuration.ts";
import type { Power } from "../platform/platform.ts";
import { processorCommand } from "../processor/processor-command.ts";
import { type ProcessorOutcome, runProcessor, waitForLeftProcessor } from "../processor/run-processor.ts";
import type { Outbox } from "../service/outbox.ts";
import { retryWhileAway } from "../service/retry-while-away.ts";
import type { ServiceRelay } from "../service/service-relay.ts";
import { isAway } from "../service/service-trouble.ts";
import type { AgentState } from "../state/agent-state.ts";
import { requireCached } from "./cache-products.ts";
import { cacheFolder, fetchFailure, fetchProducts } from "./fetch-products.ts";
import { areRequestsDone, type ProductFilter, productFilter, readRequests } from "./product-requests.ts";
import { runShellCommand } from "./run-shell-command.ts";
import { selectDepot } from "./select-depot.ts";

export interface ActionContext {
  readonly configuration: AgentConfiguration;
  readonly state: AgentState;
  readonly outbox: Outbox;
  readonly relay: ServiceRelay;
  readonly client: () => Promise<ServiceClient>;
  /** `https://127.0.0.1:<port>/rpc` of the relay. */
  readonly relayUrl: string;
  /** For the action processor; see processorEnvironment. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
}

export interface ActionEvent {
  readonly configuration: EventConfiguration;
  /** Only these products, from whoever fired the event. */
  readonly productIds: readonly string[] | null;
  readonly info: Readonly<Record<string, string>>;
}

/** New requests that scripts set are worked off in the same event, but not for ever. */
const maximumRounds = 10;
/** How long an event waits for a service that is away. */
const patienceMilliseconds = 180_000;

/**
 * Works off the requests of this client: products into the cache, then the action processor, which reports what it did.
 * (agent §4.4, §5.1)
 *
 * @returns what has to happen to the machine now
 */
export async function processActions(context: ActionContext, event: ActionEvent, signal: AbortSignal): Promise<Power> {
  const { configuration, state, log } = context;
  const { platform, folders } = configuration;
  const { options } = event.configuration;
  const power = () => (options.process_shutdown_requests ? platform.readPowerRequest(folders) : "none");
  await waitForEarlierRun(context, signal);
  await deliverResults(context, signal);
  if (power() !== "none") {
    // An earlier run asked for it and the agent died before it could: what comes next may need it.
    log.notice({ power: power() }, "an earlier request is carried out before any action");
    return power();
  }
  const service = patientCaller(context, signal);
  const hostId = configuration.text("global.host_id");
  const filter = await productFilter(service, options, event.productIds);
  const done = new Set<string>();
  for (let round = 0; round < maximumRounds; round++) {
    if (round > 0 && context.outbox.size > 0) break; // the service cannot know yet what has been done
    const requests = (await readRequests(service, hostId, filter)).filter(({ productId }) => !done.has(productId));
    if (requests.length === 0) break;
    const productIds = requests.map(({ productId }) => productId);
    for (const { productId, actionRequest } of requests) log.notice({ productId, actionRequest }, "action requested");
    await state.set("installation_pending", "true");
    await state.setRunningActions({
      event: event.configuration.id,
      productIds,
      processId: null,
      processIdentity: null,
      started: Math.floor(Date.now() / 1000),
      timeoutSeconds: options.action_processor_timeout,
    });
    for (const productId of productIds) done.add(productId);
    await runRound(context, event, productIds, filter, service, signal);
    await state.setRunningActions(null);
    if (power() !== "none" || filter.fixed) break;
  }
  if (done.size === 0) log.notice({}, "no actions requested");
  if (await nothingLeft(context, hostId, done)) await state.set("installation_pending", "false");
  return power();
}

/** Results of an earlier run come before any question about requests: a product must not be installed again. */
async function deliverResults({ outbox, client, log }: ActionContext, signal: AbortSignal): Promise<void> {
  const deliver = async () => {
    if ((await outbox.deliver(client)) === "empty") return;
    throw new OpsiError("OpsiServiceUnavailableError", `${outbox.size} results wait for the service`);
  };
  await retryWhileAway(deliver, { what: "results", maximumMilliseconds: patienceMilliseconds, log, signal });
}

function patientCaller({ client, log }: ActionContext, signal: AbortSignal): Caller {
  return {
    call: <T>(method: string, params: readonly unknown[] | Readonly<Record<string, unknown>> = []) =>
      retryWhileAway(async () => (await client()).call<T>(method, params, { signal }), {
        what: method,
        maximumMilliseconds: patienceMilliseconds,
        log,
        signal,
      }),
  };
}

/** A service that is away now cannot hold up a restart. */
async function nothingLeft(
  { client, outbox }: ActionContext,
  hostId: string,
  done: ReadonlySet<string>,
): Promise<boolean> {
  if (done.size === 0) return true;
  if (outbox.size > 0) return false;
  try {
    return await areRequestsDone(await client(), hostId, done);
  } catch (error) {
    if (!isAway(error)) throw error;
    return false;
  }
}

async function runRound(
  context: ActionContext,
  event: ActionEvent,
  productIds: readonly string[],
  filter: ProductFilter,
  service: Caller,
  signal: AbortSignal,
): Promise<void> {
  const { configuration, outbox, log } = context;
  if (event.configuration.options.use_cached_products) {
    await requireCached(productIds, context);
    await runActionProcessor(context, event, productIds, filter, configuration.text("depot_server.depot_id"));
    return;
  }
  const hostId = configuration.text("global.host_id");
  const depot = await selectDepot(service, configuration, productIds, log);
  const fetch = async () => fetchProducts(productIds, depot, await context.client(), configuration, log, signal);
  const patience = { what: "depot", maximumMilliseconds: patienceMilliseconds, log, signal };
  const { ready, failed } = await retryWhileAway(fetch, patience);
  // Of a fixed list nobody asked for, the service need not even know the products.
  if (failed.size > 0 && !filter.fixed) {
    const states = [...failed].map(([productId, error]) => fetchFailure(productId, hostId, error));
    await outbox.send("productOnClient_updateObjects", [states], context.client).catch(() => {}); // logged there
  }
  if (ready.length > 0) await runActionProcessor(context, event, ready, filter, depot.id);
}

async function runActionProcessor(
  context: ActionContext,
  event: ActionEvent,
  productIds: readonly string[],
  filter: ProductFilter,
  depotId: string,
): Promise<void> {
  const { configuration, state, relay, log } = context;
  const { platform } = configuration;
  const { options, id } = event.configuration;
  const fill = (command: string) =>
    fillPlaceholders(command, (name) =>
      configuration.value(name) === undefined ? undefined : configuration.text(name),
    );
  const template =
    options.action_processor_command === "" ? "%action_processor.command%" : options.action_processor_command;
  // Always the products that are in the cache: a request that comes meanwhile has no files there yet.
  const extra = filter.fixed ? [] : [`${platform.optionPrefix}processproducts`, productIds.join(",")];
  if (configuration.root !== "/") {
    extra.push(`${platform.optionPrefix}logfile`, join(configuration.root, "var/log/opsi-script/opsi-script.log"));
  }
  const command = processorCommand(template, configuration, {
    serviceUrl: context.relayUrl,
    depotPath: cacheFolder(configuration),
    productIds,
    eventInfo: event.info,
    extra,
  });
  const unfinished = new Map<string, Record<string, unknown>>();
  const silent = new Set(productIds);
  relay.onProductState = (product) => {
    const { productId } = product;
    if (typeof productId !== "string") return;
    silent.delete(productId);
    log.info(
      { productId, progress: product["actionProgress"], result: product["actionResult"] },
      "action processor reports",
    );
    if (/^(un)?installing$/.test(String(product["actionProgress"]))) unfinished.set(productId, product);
    else unfinished.delete(productId);
  };
  await runShellCommand(fill(options.pre_action_processor_command), log);
  const started = Math.floor(Date.now() / 1000);
  const outcome = await runProcessor(command, {
    platform,
    folder: join(configuration.folders.stateFolder, "processor"),
    timeoutSeconds: options.action_processor_timeout,
    // What the files are, not what the depot of this client may be by now.
    environment: depotId === "" ? context.environment : { ...context.environment, OPSI_DEPOT_ID: depotId },
    log,
    onStarted: (processId) =>
      state.setRunningActions({
        event: id,
        productIds,
        processId,
        processIdentity: platform.processIdentity(processId),
        started,
        timeoutSeconds: options.action_processor_timeout,
      }),
  });
  // After a wish to restart the others have to wait.
  if (silent.size > 0 && platform.readPowerRequest(configuration.folders) === "none")
    log.warning({ products: [...silent].join(" ") }, "action processor reported nothing about these products");
  await reportBroken(context, outcome, unfinished);
  await runShellCommand(fill(options.post_action_processor_command), log);
}

/**
 * A product at which the action processor ended without a result. After the timeout it would hang again, so its request
 * ends; after a crash it stays and the next event tries again.
 */
async function reportBroken(
  context: ActionContext,
  { exitCode, timedOut }: ProcessorOutcome,
  unfinished: ReadonlyMap<string, Record<string, unknown>>,
): Promise<void> {
  if (unfinished.size === 0 || (!timedOut && (exitCode === 0 || exitCode === 1))) return;
  const states = [...unfinished.values()].map(({ productId, productType, clientId, actionRequest }) => ({
    productId,
    productType,
    clientId,
    installationStatus: "unknown",
    actionResult: "failed",
    actionProgress: timedOut ? "Timeout" : `opsi-script ended unexpectedly (${exitCode ?? "killed"})`,
    ...(timedOut && actionRequest !== "always" ? { actionRequest: "none", lastAction: actionRequest } : {}),
  }));
  context.log.error(
    { products: [...unfinished.keys()].join(" "), exitCode, timedOut },
    "products were left without a result",
  );
  await context.outbox.send("productOnClient_updateObjects", [states], context.client).catch(() => {}); // logged there
}

/** What an agent that was killed left behind: its processor is waited for, its products are still requested. */
async function waitForEarlierRun({ state, configuration, log }: ActionContext, signal: AbortSignal): Promise<void> {
  const left = state.runningActions;
  if (left === null) return;
  log.warning({ interrupted: left.event, products: left.productIds.join(" ") }, "an earlier run was interrupted");
  if (left.processId !== null && left.processIdentity !== null) {
    const deadline = (left.started + left.timeoutSeconds) * 1000;
    const process = { processId: left.processId, identity: left.processIdentity, deadline };
    await waitForLeftProcessor(process, configuration.platform, log, signal);
  }
  await state.setRunningActions(null);
}
