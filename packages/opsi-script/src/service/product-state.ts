import type { RunState } from "../run/context.ts";

/** A productOnClient object as the service gives it. */
export type ProductOnClient = Readonly<Record<string, unknown>>;

export type ActionRequest = "setup" | "uninstall" | "once" | "always" | "custom" | "update" | "login";

/** What a request writes when its script is done (interpreter §3.4). `null`: stays as it is. */
const outcomes: Readonly<Record<ActionRequest, { readonly installed: string | null; readonly request: string }>> = {
  setup: { installed: "installed", request: "none" },
  update: { installed: "installed", request: "none" },
  uninstall: { installed: "not_installed", request: "none" },
  always: { installed: "installed", request: "always" },
  once: { installed: "not_installed", request: "none" },
  custom: { installed: null, request: "none" },
  login: { installed: null, request: "none" },
};

export interface Versions {
  readonly productVersion: string;
  readonly packageVersion: string;
}

/** modificationTime is the service's, the sequence is only for reading. */
const withoutTimes = { modificationTime: null, actionSequence: null };

/** While the script runs: setup, uninstall and always make the state unknown, in case the machine dies. */
export function startedState(product: ProductOnClient, request: ActionRequest): ProductOnClient[] {
  if (request !== "setup" && request !== "uninstall" && request !== "always") return [];
  const actionProgress = request === "uninstall" ? "uninstalling" : "installing";
  const progress = { ...product, ...withoutTimes, actionProgress };
  return [progress, { ...progress, installationStatus: "unknown" }];
}

export const progressState = (product: ProductOnClient, text: string): ProductOnClient => ({
  ...product,
  ...withoutTimes,
  actionProgress: text,
});

/**
 * The states to write after the script, in order; none after an immediate reboot or logout: the request remains, and the
 * script runs again (interpreter §4).
 */
export function finishedStates(
  product: ProductOnClient,
  request: ActionRequest,
  successful: boolean,
  state: RunState,
  versions: Versions,
): ProductOnClient[] {
  if (state.reboot === "immediateReboot" || state.reboot === "immediateLogout") return [];
  if (state.exitScript) {
    const { status, progress, request: next } = state.exitScript;
    return [
      {
        ...product,
        ...withoutTimes,
        installationStatus: status,
        actionProgress: progress,
        actionRequest: next,
        actionResult: "none",
      },
    ];
  }
  const outcome = outcomes[request];
  const installed = successful ? outcome.installed : outcome.installed === null ? null : "unknown";
  const changedVersions = request === "custom" ? {} : versions;
  const normal: ProductOnClient = {
    ...product,
    ...withoutTimes,
    ...changedVersions,
    ...(installed === null ? {} : { installationStatus: installed }),
    actionRequest: outcome.request,
    lastAction: request,
    actionResult: successful ? "successful" : "failed",
    actionProgress: successful ? "" : state.progress,
  };
  if (!successful) return [normal];
  if (state.suspended) {
    return [
      {
        ...normal,
        installationStatus: "unknown",
        actionProgress: "Suspended",
        actionResult: "none",
        actionRequest: request,
      },
    ];
  }
  if (state.deferred) {
    const { productVersion, packageVersion, installationStatus } = product;
    return [
      {
        ...normal,
        productVersion,
        packageVersion,
        installationStatus,
        actionProgress: "Deferred",
        actionResult: "none",
        actionRequest: request, // the original loses it; waiting is the whole purpose
      },
    ];
  }
  return [normal];
}
