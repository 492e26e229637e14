import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { ServiceMode } from "../command-line.ts";
import type { Configuration } from "../configuration.ts";
import { level, type ScriptLog } from "../log/log.ts";
import { noteHistory } from "../log/log-files.ts";
import type { Platform } from "../platform/platform.ts";
import { sleepMilliseconds } from "../platform/processes.ts";
import type { RunState } from "../run/context.ts";
import { type RebootWish, strongerWish } from "../run/reboot-wish.ts";
import { runScriptFile, type ScriptRunResult } from "../run/script-run.ts";
import { toBytes } from "../text/bytes.ts";
import { type Product, readProduct, readProductData, scriptPath } from "./product-data.ts";
import {
  type ActionRequest,
  finishedStates,
  type ProductOnClient,
  progressState,
  startedState,
} from "./product-state.ts";
import { type Service, ServiceProblem } from "./service.ts";

export interface LoopOptions {
  readonly service: Service;
  readonly log: ScriptLog;
  /** The history of products is kept beside it. */
  readonly logFile: string;
  readonly platform: Platform;
  readonly configuration: Configuration;
  readonly depotId: string;
  readonly depotPath: string;
  readonly mode: ServiceMode;
  readonly parameter: string;
  readonly userContext: string;
  readonly testSyntax: boolean;
}

export interface LoopResult {
  readonly successful: boolean;
  readonly reboot: RebootWish;
  readonly shutdown: boolean;
  readonly appendLog: boolean;
}

const requests: ReadonlySet<string> = new Set(["setup", "uninstall", "once", "always", "custom", "update"]);
/** A script that asks for the list again and again must not keep the machine for ever. */
const mostReloads = 20;
/** So long a result is sent again while the service cannot be reached. */
const patienceMilliseconds = 60_000;
const unreachable: ReadonlySet<string> = new Set(["OpsiServiceConnectionError", "OpsiServiceTimeoutError"]);

/** Carries out what is requested for a client, product by product (interpreter §3). */
export class ProductLoop {
  readonly #options: LoopOptions;
  #successful = true;
  #reboot: RebootWish = "none";
  #shutdown = false;
  #appendLog = false;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  run(): LoopResult {
    const { mode } = this.#options;
    switch (mode.kind) {
      case "requests":
        this.#runRequests(mode.productIds);
        break;
      case "list":
        for (const productId of mode.productIds) {
          if (this.#endsLoop) break;
          this.#guard(productId, () => this.#runProduct(productId, "setup", null));
        }
        this.#appendLog = true;
        break;
      case "script":
        this.#guard(mode.productId, () => this.#runProduct(mode.productId, "setup", mode.script));
        this.#appendLog = true;
        break;
      case "login":
        this.#runLogin(mode.all);
        this.#appendLog = true;
        break;
      default:
        mode satisfies never;
    }
    return {
      successful: this.#successful,
      reboot: this.#reboot,
      shutdown: this.#shutdown,
      appendLog: this.#appendLog,
    };
  }

  /** By the command line or by the service's settings. */
  get #testSyntax(): boolean {
    return this.#options.testSyntax || this.#options.configuration.testSyntax;
  }

  /** After a product has ordered a reboot no further one is started. */
  get #endsLoop(): boolean {
    return this.#reboot === "reboot" || this.#reboot === "immediateReboot" || this.#reboot === "immediateLogout";
  }

  /** A product that fails for reasons of ours or of the service does not stop the others. */
  #guard(productId: string, run: () => boolean): boolean {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ServiceProblem)) throw error;
      this.#options.log.write(level.critical, toBytes(`${productId}: ${error.class}: ${error.message}`));
      this.#successful = false;
      return false;
    } finally {
      this.#options.log.product = "";
    }
  }

  #runRequests(only: readonly string[] | null): void {
    const done = new Set<string>();
    let sequence = this.#readSequence();
    for (let round = 0; round < mostReloads; round++) {
      let reload = false;
      for (const { productId, actionRequest } of sequence) {
        const id = String(productId);
        if (this.#endsLoop) return;
        if (!requests.has(String(actionRequest)) || done.has(id) || (only !== null && !only.includes(id))) continue;
        done.add(id);
        reload = this.#guard(id, () => this.#runProduct(id, null, null)) || reload;
      }
      if (!reload) return;
      // products have run: what they wish for the machine must survive a service that is gone by now
      const isRead = this.#guard("reloadProductList", () => {
        sequence = this.#readSequence();
        return true;
      });
      if (!isRead) return;
    }
  }

  #readSequence(): ProductOnClient[] {
    const { service, configuration } = this.#options;
    const filter = { clientId: service.clientId, productType: "LocalbootProduct" };
    const products = service.call("productOnClient_getObjectsWithSequence", [[], filter]) as ProductOnClient[];
    if (!configuration.reverseOrderForUninstall) return products;
    const uninstall = products.filter(({ actionRequest }) => actionRequest === "uninstall").reverse();
    return [...uninstall, ...products.filter(({ actionRequest }) => actionRequest !== "uninstall")];
  }

  #readState(productId: string): ProductOnClient {
    const { service } = this.#options;
    const { clientId } = service;
    const filter = { clientId, productId, productType: "LocalbootProduct" };
    const [state] = service.call("productOnClient_getObjects", [[], filter]) as ProductOnClient[];
    return (
      state ?? {
        type: "ProductOnClient",
        productId,
        productType: "LocalbootProduct",
        clientId,
        installationStatus: "not_installed",
        actionRequest: "none",
      }
    );
  }

  #write(state: ProductOnClient): void {
    this.#options.service.call("productOnClient_updateObject", [state]);
  }

  /**
   * One product from the first to the last state.
   *
   * @param given the request, or `null` for the one that the service knows now
   * @param script instead of the product's own
   * @returns whether the list is to be read again
   */
  #runProduct(productId: string, given: ActionRequest | null, script: string | null): boolean {
    const { service, log, configuration, depotId } = this.#options;
    const state = this.#readState(productId);
    const request = (given ?? String(state["actionRequest"])) as ActionRequest;
    if (!requests.has(request)) return false; // withdrawn meanwhile
    log.product = toBytes(productId);
    log.level = configuration.defaultLogLevel;
    log.write(level.essential, toBytes(`product ${productId}, request ${request}`));
    const product = readProduct(service, productId, depotId);
    if (!product) {
      this.#fail(state, request, `Product ${productId} is not on depot ${depotId}`);
      return false;
    }
    let current = state;
    for (const started of startedState(state, request)) {
      this.#write(started);
      current = started;
    }
    const path = script ?? scriptPath(product, request, this.#options.depotPath);
    if (path === "" || !existsSync(path)) {
      const reason =
        path === "" ? `Product ${productId} has no script for ${request}` : `Script ${path} does not exist`;
      this.#fail(current, request, reason, product);
      return false;
    }
    const setProgress = (text: string) => {
      current = { ...current, actionProgress: text };
      this.#tryToWrite(progressState(current, text));
    };
    const result = this.#runScript(path, product, state, false, setProgress);
    const last = this.#runUpdate(product, request, result, state, setProgress);
    this.#finish(product, current, last.request, last.result, state);
    return result.state.reloadProducts || last.result.state.reloadProducts;
  }

  #runScript(
    path: string,
    product: Product,
    state: ProductOnClient,
    login: boolean,
    setProgress?: (text: string) => void,
  ): ScriptRunResult {
    const { service, log, platform, configuration, depotId, logFile, parameter, userContext } = this.#options;
    const result = runScriptFile({
      file: path,
      log,
      platform,
      settings: {
        parameter: toBytes(parameter),
        userContext: toBytes(userContext),
        loginScript: login,
        testSyntax: this.#testSyntax,
      },
      service,
      product: readProductData(service, product, state),
      depotId,
      logFile,
      defaultLogLevel: configuration.defaultLogLevel,
      debugLibrary: configuration.debugLibrary,
      ...(setProgress ? { setProgress } : {}),
    });
    if (!result.successful) this.#successful = false;
    this.#keepWishes(result.state);
    return result;
  }

  #keepWishes(state: RunState): void {
    this.#reboot = strongerWish(this.#reboot, state.reboot);
    if (state.shutdown) this.#shutdown = true;
    if (state.appendLog) this.#appendLog = true;
  }

  /** After a successful setup the update script runs, if the product has one (interpreter §3.3). */
  #runUpdate(
    product: Product,
    request: ActionRequest,
    result: ScriptRunResult,
    state: ProductOnClient,
    setProgress: (text: string) => void,
  ): { request: ActionRequest; result: ScriptRunResult } {
    const path = scriptPath(product, "update", this.#options.depotPath);
    const wanted = request === "setup" && result.successful && result.state.runUpdateScript && path !== "";
    const immediate = result.state.reboot === "immediateReboot" || result.state.reboot === "immediateLogout";
    if (!wanted || immediate || !existsSync(path)) return { request, result };
    this.#options.log.write(level.notice, toBytes(`update script ${path}`));
    const update = this.#runScript(path, product, state, false, setProgress);
    return update.successful ? { request, result: update } : { request: "update", result: update };
  }

  #finish(
    product: Product,
    current: ProductOnClient,
    request: ActionRequest,
    result: ScriptRunResult,
    before: ProductOnClient,
  ): void {
    const { log, logFile } = this.#options;
    const versions = { productVersion: product.productVersion, packageVersion: product.packageVersion };
    const { installationStatus } = before;
    // what was written meanwhile is no result: custom and deferred keep the state from before
    const base = { ...current, installationStatus };
    let states = finishedStates(base, request, result.successful, result.state, versions);
    if (this.#testSyntax) {
      const actionProgress = result.successful ? "ok: testsyntax" : "testsyntax";
      states = states.map((state) => ({ ...state, actionProgress, installationStatus: "unknown" }));
    }
    for (const state of states) this.#writePatiently(state);
    const version = `${product.productVersion}-${product.packageVersion}`;
    noteHistory(dirname(logFile), product.id, version, request, result.successful);
    log.write(level.essential, toBytes(`product ${product.id} ${result.successful ? "success" : "failed"}`));
  }

  /** What has run may have changed the network: a result that gets lost means that everything runs again. */
  #writePatiently(state: ProductOnClient): void {
    for (const end = Date.now() + patienceMilliseconds; ; sleepMilliseconds(2000)) {
      try {
        this.#write(state);
        return;
      } catch (error) {
        const isAway = error instanceof ServiceProblem && unreachable.has(error.class);
        if (!isAway || Date.now() >= end) throw error;
        this.#options.log.write(level.warning, toBytes(`The result is sent again: ${error.message}`));
      }
    }
  }

  #tryToWrite(state: ProductOnClient): void {
    try {
      this.#write(state);
    } catch (error) {
      if (!(error instanceof ServiceProblem)) throw error;
      this.#options.log.write(level.warning, toBytes(`setActionProgress: ${error.message}`));
    }
  }

  /** A product whose script cannot even be started. */
  #fail(state: ProductOnClient, request: ActionRequest, reason: string, product?: Product): void {
    this.#options.log.write(level.critical, toBytes(reason));
    this.#successful = false;
    this.#write({
      ...state,
      ...(product ? { productVersion: product.productVersion, packageVersion: product.packageVersion } : {}),
      modificationTime: null,
      actionSequence: null,
      installationStatus: "unknown",
      actionRequest: request === "always" ? "always" : "none",
      actionResult: "failed",
      lastAction: request,
      actionProgress: reason.slice(0, 255),
    });
  }

  /** Scripts for the user who logs in; nothing is written to the service (interpreter §3.5). */
  #runLogin(all: boolean): void {
    const { service, depotId, depotPath, log } = this.#options;
    const withScript = service.call("product_getObjects", [[], { userLoginScript: "*.*" }]) as Readonly<
      Record<string, unknown>
    >[];
    const onDepot = service.call("productOnDepot_getObjects", [[], { depotId }]) as Readonly<Record<string, unknown>>[];
    for (const attributes of withScript) {
      const { id, productVersion, packageVersion } = attributes;
      const isOnDepot = onDepot.some(
        (product) =>
          product["productId"] === id &&
          product["productVersion"] === productVersion &&
          product["packageVersion"] === packageVersion,
      );
      if (!isOnDepot) continue;
      this.#guard(String(id), () => {
        const state = this.#readState(String(id));
        const wasUninstalled = state["actionResult"] === "successful" && state["lastAction"] === "uninstall";
        if (!all && state["installationStatus"] !== "installed" && !wasUninstalled) return false;
        const product = {
          id: String(id),
          productVersion: String(productVersion),
          packageVersion: String(packageVersion),
          attributes,
        };
        const path = scriptPath(product, "login", depotPath);
        log.product = toBytes(String(id));
        if (path !== "" && existsSync(path)) this.#runScript(path, product, state, true);
        return false;
      });
    }
  }
}
