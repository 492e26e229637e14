import { OpsiError } from "@opsi-ts/model";
import { meantClients } from "../../methods/controlled-hosts.ts";
import { type Check, type CheckResult, literally, names, result } from "./check.ts";

/** Longest time that a plug-in may run, in seconds. */
const longestRun = 3600;

/**
 * Runs a plug-in of the monitoring system on a client, through its agent. Other checks answer everybody who is logged
 * in; this one runs commands, so it takes an administrator or the monitoring user. (monitoring 6.8)
 */
export const checkPluginOnClient: Check = async (call, parameters, caller) => {
  const { monitoringUser } = call.site.service.configuration.options;
  const isMonitoring = caller.hostId === null && caller.username === monitoringUser.toLowerCase();
  if (!caller.isAdmin && !isMonitoring) {
    throw new OpsiError("OpsiServicePermissionError", "No permission for checkPluginOnClient");
  }
  const { plugin, timeout, waitForEnding = true, captureStdErr = true, state, output, encoding = null } = parameters;
  const [clientId] = literally(names(parameters, "clientId"));
  if (clientId === undefined) throw new OpsiError("ValueError", "Failed to check: clientId is needed");
  if (typeof plugin !== "string" || plugin === "")
    throw new OpsiError("ValueError", "Failed to check: plugin is needed");
  const clients = await meantClients(call, [clientId]);
  const [client] = clients;
  const { hostControl } = call.site;
  const reachable = await hostControl.reachable(clients);
  if (client === undefined || reachable.get(client.id) !== true) {
    const isKnown = /^[0-3]$/.test(String(state)) && typeof output === "string";
    if (isKnown) return { state: Number(state), message: output };
    return result("UNKNOWN", `Can't check host '${clientId}' is not reachable.`);
  }
  const seconds = typeof timeout === "number" && timeout > 0 ? Math.min(timeout, longestRun) : 30;
  const command = [plugin, waitForEnding !== false, captureStdErr !== false, encoding, seconds];
  const answers = await hostControl.call(clients, "execute", () => command, seconds + 5);
  const answer = answers.get(client.id);
  return pluginResult(answer?.result, answer?.error ?? null);
};

/** What the agent answered: the lines of the plug-in, or how it ended. */
export function pluginResult(lines: unknown, error: string | null): CheckResult {
  if (error !== null) {
    const [, code = "", text = ""] = originalFailure.exec(error) ?? agentFailure.exec(error) ?? [];
    return code !== "" && Number(code) <= 3 ? { state: Number(code), message: text } : result("UNKNOWN", error);
  }
  const first = Array.isArray(lines) ? lines[0] : lines;
  return { state: 0, message: typeof first === "string" ? first : "" };
}

const originalFailure = /\[Errno (\d+)\] Command '.*' failed \(-?\d+\): (.*)$/s;
/** How our agent says it. */
const agentFailure = /Command failed \((\d+)\): (.*)$/s;
