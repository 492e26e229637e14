import { readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import type { CallHistory } from "../../rpc/call-history.ts";
import { interval, Series } from "./series.ts";

/** What was counted since the start of the server. */
export interface Traffic {
  readonly requests: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Open just now. */
  readonly connections: number;
}

export interface MetricSources {
  readonly nodeName: string;
  readonly calls: CallHistory;
  traffic(): Traffic;
}

const atStart: Totals = {
  traffic: { requests: 0, bytesRead: 0, bytesWritten: 0, connections: 0 },
  cpu: { user: 0, system: 0 },
  calls: 0,
  network: null,
  time: 0,
};

/** Figures of the last interval; null where the system does not tell. */
type Reading = Readonly<Record<keyof typeof metricTable, number | null>>;

/** `sum`: counted in an interval and shown per second. (service 8.9) */
const metricTable = {
  load: { title: "Average system load on {node}", kind: "avg" },
  bitsSent: { title: "Average network bits sent on {node}", kind: "sum" },
  bitsReceived: { title: "Average network bits received on {node}", kind: "sum" },
  calls: { title: "Average RPCs processed by {worker}", kind: "sum" },
  callDuration: { title: "Average duration of RPCs processed by {worker}", kind: "avg" },
  memory: { title: "Average memory usage of {worker}", kind: "avg" },
  cpu: { title: "Average CPU usage of {worker}", kind: "avg" },
  threads: { title: "Average threads of {worker}", kind: "avg" },
  files: { title: "Average filehandles of {worker}", kind: "avg" },
  connections: { title: "Average connections of {worker}", kind: "avg" },
  requests: { title: "Average HTTP requests of {worker}", kind: "sum" },
  requestBytes: { title: "Average HTTP request size of {worker}", kind: "avg" },
  responseBytes: { title: "Average HTTP response size of {worker}", kind: "avg" },
} as const satisfies Record<string, { title: string; kind: "sum" | "avg" }>;

const metricNames = Object.keys(metricTable) as (keyof typeof metricTable)[];

/** How busy the server is, sampled every five seconds. */
export class Metrics implements Disposable {
  readonly #sources: MetricSources;
  readonly #series = new Map(metricNames.map((name) => [name, new Series()]));
  readonly #timer: NodeJS.Timeout;
  #before: Totals = atStart;

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#sample(); // figures from the start of the process up to now: a dashboard has something to show at once
    this.#timer = setInterval(() => this.#sample(), interval);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Names as Grafana lists them. */
  get titles(): string[] {
    return metricNames.map((name) => this.#title(name)).sort();
  }

  /** The points of the metric with this name; null if there is none. */
  find(title: string, from: number, to: number) {
    const name = metricNames.find((one) => this.#title(one) === title);
    const series = name === undefined ? undefined : this.#series.get(name);
    if (name === undefined || series === undefined) return null;
    const divisor = metricTable[name].kind === "sum" ? interval / 1000 : 1;
    return series.between(from, to).map(([value, time]) => [value / divisor, time] as const);
  }

  /** Mean of the last minute. */
  lastMinute(name: keyof typeof metricTable): number {
    const divisor = metricTable[name].kind === "sum" ? interval / 1000 : 1;
    return (this.#series.get(name)?.mean(60_000) ?? 0) / divisor;
  }

  #title(name: keyof typeof metricTable): string {
    const { nodeName } = this.#sources;
    return metricTable[name].title.replace("{worker}", "worker 1 on {node}").replace("{node}", nodeName);
  }

  #totals(): Totals {
    const { traffic, calls } = this.#sources;
    const time = performance.now();
    return { traffic: traffic(), cpu: process.cpuUsage(), calls: calls.count, network: readNetwork(), time };
  }

  #sample(): void {
    const before = this.#before;
    const now = this.#totals();
    this.#before = now;
    const time = Date.now() - (Date.now() % interval);
    const reading = readingOf(before, now, this.#sources.calls);
    for (const name of metricNames) {
      const value = reading[name];
      if (value !== null) this.#series.get(name)?.add(value, time);
    }
  }
}

interface Totals {
  readonly traffic: Traffic;
  readonly cpu: NodeJS.CpuUsage;
  readonly calls: number;
  readonly network: Network | null;
  readonly time: number;
}

function readingOf(before: Totals, now: Totals, history: CallHistory): Reading {
  const requests = now.traffic.requests - before.traffic.requests;
  const calls = now.calls - before.calls;
  const each = (amount: number) => (requests === 0 ? null : amount / requests);
  const busy = now.cpu.user - before.cpu.user + now.cpu.system - before.cpu.system;
  const { network } = now;
  const bits = (read: (network: Network) => number) =>
    network === null || before.network === null ? null : Math.max(0, read(network) - read(before.network)) * 8;
  return {
    load: loadavg()[0] ?? null,
    bitsSent: bits(({ sent }) => sent),
    bitsReceived: bits(({ received }) => received),
    calls,
    callDuration: calls === 0 ? null : history.meanDuration(calls) / 1000,
    memory: process.memoryUsage.rss(),
    cpu: before === atStart ? null : busy / 10 / (now.time - before.time), // starting says nothing about the load
    threads: entryCount("/proc/self/task"),
    files: entryCount("/proc/self/fd"),
    connections: now.traffic.connections,
    requests,
    requestBytes: each(now.traffic.bytesRead - before.traffic.bytesRead),
    responseBytes: each(now.traffic.bytesWritten - before.traffic.bytesWritten),
  };
}

/** Entries of a folder that only Linux has. */
export function entryCount(folder: string): number | null {
  try {
    return readdirSync(folder).length;
  } catch {
    return null;
  }
}

interface Network {
  readonly received: number;
  readonly sent: number;
}

/** Bytes of all interfaces but the loopback; null where the system does not tell. */
function readNetwork(): Network | null {
  let text: string;
  try {
    text = readFileSync("/proc/net/dev", "latin1");
  } catch {
    return null;
  }
  let [received, sent] = [0, 0];
  for (const line of text.split("\n")) {
    const [name, columns] = line.split(":");
    const values = columns?.trim().split(/\s+/).map(Number);
    if (values === undefined || name?.trim() === "lo") continue;
    received += values[0] ?? 0;
    sent += values[8] ?? 0;
  }
  return { received, sent };
}
