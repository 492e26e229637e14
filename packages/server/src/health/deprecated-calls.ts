import type { Method } from "../methods/declare.ts";
import { type Check, type Finding, ok } from "./check.ts";

/** Callers that are named. */
const namedCallers = 20;

export const deprecatedCalls: Check = {
  id: "deprecated_calls",
  name: "Deprecated calls",
  description: "Deprecated methods among the last calls, and who still uses them.",
  documentation: "Update the programs that are named, or make them use the method that is named instead.",
  async run({ site }) {
    const calls = site.service.recentCalls().filter(({ deprecated }) => deprecated);
    const byMethod = Map.groupBy(calls, ({ method }) => method);
    if (byMethod.size === 0) return { calls: ok("No deprecated method was called lately.") };
    const methods = new Map([...site.methods()].map((method) => [method.name, method]));
    return Object.fromEntries(
      [...byMethod].map(([name, list]): [string, Finding] => {
        const clients = [...new Set(list.map(({ client }) => client))].slice(0, namedCallers);
        return [name, finding(methods.get(name), name, list.length, clients)];
      }),
    );
  },
};

function finding(method: Method | undefined, name: string, count: number, clients: readonly string[]): Finding {
  const instead = method?.alternative ? `, use '${method.alternative}' instead` : "";
  return {
    status: "warning",
    message: `'${name}' was called ${count} times${instead}.`,
    details: { method: name, calls: count, clients, alternative: method?.alternative ?? null },
    ...(method?.dropVersion === undefined ? {} : { upgradeIssue: method.dropVersion }),
  };
}
