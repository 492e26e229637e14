import type { CallHistory } from "../../rpc/call-history.ts";
import { entryCount, type Metrics } from "../metrics/metrics.ts";
import type { Check, CheckParameters, StateName } from "./check.ts";
import { result, worse } from "./check.ts";

/** What the check of the service itself looks at. */
export interface ServiceFigures {
  readonly calls: CallHistory;
  sessionCount(): number;
  readonly metrics: Metrics;
}

/** Whether the service works and how busy it is. (monitoring 6.9) */
export const checkOpsiWebservice =
  ({ calls, sessionCount, metrics }: ServiceFigures): Check =>
  async (_call, parameters) => {
    const newest = calls.newestFirst();
    const failed = newest.filter((call) => call.failed).length;
    const errors = newest.length === 0 ? 0 : (failed * 100) / newest.length;
    const cpu = Math.min(metrics.lastMinute("cpu"), 100);
    const texts: string[] = [];
    let state: StateName = "OK";
    const compare = (value: number, name: "errors" | "cpu", initial: Limits, text: string) => {
      const { critical, warning } = limits(parameters, name, initial);
      if (value <= warning && value <= critical) return;
      const isCritical = value > critical;
      state = worse(state, isCritical ? "CRITICAL" : "WARNING");
      texts.push(`${text} over ${isCritical ? critical : warning}%`);
    };
    compare(errors, "errors", { critical: 20, warning: 10 }, "RPC errors");
    compare(cpu, "cpu", { critical: 80, warning: 60 }, "CPU-Usage");
    if (texts.length === 0) texts.push("Opsi Webservice has no Problem.");
    const { state: code, message } = result(state, texts.join(" "));
    if (parameters["perfdata"] === false) return { state: code, message };
    const figures = {
      requests: Math.round(metrics.lastMinute("requests") * 100),
      rpcs: calls.count,
      rpcerror: failed,
      sessions: sessionCount(),
      threads: entryCount("/proc/self/task") ?? 1,
      virtmem: Math.round(process.memoryUsage.rss() / 1024),
    };
    const list = Object.entries(figures).map(([name, value]) => `${name}=${value};;;0; `);
    return { state: code, message: `${message} | ${list.join("")}cpu=${Math.round(cpu)};;;0;100 ` };
  };

interface Limits {
  readonly critical: number;
  readonly warning: number;
}

function limits(parameters: CheckParameters, name: "errors" | "cpu", initial: Limits): Limits {
  const given = parameters[name];
  const value = (key: keyof Limits) => {
    const number = Number(typeof given === "object" && given !== null ? Reflect.get(given, key) : Number.NaN);
    return Number.isFinite(number) ? number : initial[key];
  };
  return { critical: value("critical"), warning: value("warning") };
}
