import { existsSync } from "node:fs";
import { join } from "node:path";
import { OpsiError, parseNetwork, rule } from "@opsi-ts/model";
import { isRecord } from "./is-record.ts";
import { readPythonFile } from "./read-python-file.ts";

/** Broadcast addresses and the ports to send to, by network. */
export type BroadcastAddresses = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

/** How clients are reached. (methods 10.1) */
export interface HostControlSettings {
  /** Port of the agent's control server where a client has no other one. */
  readonly port: number;
  /** Seconds for a call. */
  readonly rpcTimeout: number;
  /** Seconds for a TCP connection. */
  readonly reachableTimeout: number;
  /** Find clients by name service only, never by their stored address. */
  readonly resolveHostAddress: boolean;
  /** Clients that are contacted at the same time. */
  readonly maxConnections: number;
  readonly broadcastAddresses: BroadcastAddresses;
}

const defaultPorts = [7, 9, 12287];
const everywhere = "0.0.0.0/0";

const defaults: HostControlSettings = {
  port: 4441,
  rpcTimeout: 15,
  reachableTimeout: 3,
  resolveHostAddress: false,
  maxConnections: 500,
  broadcastAddresses: new Map([[everywhere, new Map([["255.255.255.255", defaultPorts]])]]),
};

/**
 * The settings of a site, the built-in ones where it has no file.
 *
 * @param backends the folder with `hostcontrol.conf`
 * @throws BackendConfigurationError for a file that makes no sense
 */
export function readHostControlSettings(backends: string): HostControlSettings {
  const path = join(backends, "hostcontrol.conf");
  if (!existsSync(path)) return defaults;
  const config = readPythonFile(path).get("config");
  if (!isRecord(config)) throw bad(path, "config", config);
  const number = (name: string, initial: number, above = 0) => {
    const value = numberOf(config[name] ?? initial);
    if (!(value > above)) throw bad(path, name, config[name]);
    return value;
  };
  return {
    port: number("opsiclientdPort", defaults.port),
    rpcTimeout: number("hostRpcTimeout", defaults.rpcTimeout),
    reachableTimeout: number("hostReachableTimeout", defaults.reachableTimeout),
    resolveHostAddress: rule.bool.coerce(config["resolveHostAddress"] ?? false),
    maxConnections: Math.max(1, number("maxConnections", defaults.maxConnections, Number.NEGATIVE_INFINITY)),
    broadcastAddresses: broadcasts(config["broadcastAddresses"], path),
  };
}

/** Older files have a list of addresses, or ports by address, for all networks. */
function broadcasts(given: unknown, path: string): BroadcastAddresses {
  if (given === undefined || given === null) return defaults.broadcastAddresses;
  if (Array.isArray(given)) {
    return new Map([[everywhere, new Map(given.map((address) => [String(address), defaultPorts]))]]);
  }
  if (!isRecord(given)) throw bad(path, "broadcastAddresses", given);
  const ports = (value: unknown): readonly number[] => {
    const numbers = Array.isArray(value) ? value.map(numberOf) : [];
    if (Array.isArray(value) && numbers.every(Number.isInteger)) return numbers;
    throw bad(path, "broadcastAddresses", value);
  };
  const byAddress = (value: Record<string, unknown>) =>
    new Map(Object.entries(value).map(([address, list]) => [address, ports(list)]));
  if (Object.values(given).every(Array.isArray)) return new Map([[everywhere, byAddress(given)]]);
  return new Map(
    Object.entries(given).map(([network, value]) => {
      if (!isRecord(value)) throw bad(path, "broadcastAddresses", value);
      const parsed = parseNetwork(network);
      if ("problem" in parsed) throw bad(path, "broadcastAddresses", network, parsed.problem);
      return [network, byAddress(value)];
    }),
  );
}

/** People write numbers as texts, too. NaN for what is neither. */
function numberOf(value: unknown): number {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : Number.NaN;
}

function bad(path: string, name: string, value: unknown, reason?: string): OpsiError {
  const text = `Bad value of '${name}' in ${path}: ${JSON.stringify(value)}${reason === undefined ? "" : ` (${reason})`}`;
  return new OpsiError("BackendConfigurationError", text);
}
