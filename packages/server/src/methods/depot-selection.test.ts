import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { algorithms } from "./depot-selection.ts";

const python = spawnSync("python3", ["--version"]).status === 0;

/** Runs a text as the agent does: executed with separate local names, modules of the agent beside it. */
const agent = `
import json, sys, types
given = json.load(sys.stdin)
ping = types.ModuleType("OPSI.Util.Ping")
ping.ping = lambda host, timeout=2: given["latencies"].get(host)
for name, module in (("OPSI", types.ModuleType("OPSI")), ("OPSI.Util", types.ModuleType("OPSI.Util")), ("OPSI.Util.Ping", ping)):
    sys.modules[name] = module
class Logger:
    def __getattr__(self, name):
        return lambda text, *args: text % args if args else text
depots = [types.SimpleNamespace(**depot) for depot in given["depots"]]
names = {}
exec(given["source"], {"logger": Logger()}, names)
chosen = names["selectDepot"](clientConfig=given["client"], masterDepot=depots[0], alternativeDepots=depots[1:])
print(chosen.id)
`;

const depot = (id: string, networkAddress: string | null, masterDepotId: string | null = null) => ({
  ...{ id, networkAddress, masterDepotId },
  depotWebdavUrl: `webdavs://${id}:4447/depot`,
});
const master = depot("master.example.org", "10.0.0.0/8");
const near = depot("near.example.org", "10.1.0.0/16", "other.example.org");
const nearer = depot("nearer.example.org", "10.1.2.0/24", "master.example.org");
const latencies = { "master.example.org": 0.05, "near.example.org": 0.001, "nearer.example.org": 0.01 };

function select(mode: string, depots: readonly object[], ipAddress = "10.1.2.3"): string {
  const input = JSON.stringify({ source: algorithms.get(mode), depots, client: { ipAddress }, latencies });
  const { stdout, stderr } = spawnSync("python3", ["-c", agent], { input, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim();
}

test.skipIf(!python).each<[what: string, mode: string, depots: readonly object[], address: string, chosen: string]>([
  ["the longest prefix wins", "network_address", [master, near, nearer], "10.1.2.3", "nearer.example.org"],
  [
    "another network of the same prefix does not",
    "network_address",
    [master, near, nearer],
    "10.1.9.9",
    "near.example.org",
  ],
  ["nobody serves the network", "network_address", [master, near], "192.168.1.1", "master.example.org"],
  ["IPv6 beside IPv4 networks", "network_address", [master, near], "fd00::1", "master.example.org"],
  ["without alternatives", "network_address", [near], "192.168.1.1", "near.example.org"],
  ["the fastest answer wins", "latency", [master, near, nearer], "10.1.2.3", "near.example.org"],
  ["only depots of the master", "master_and_latency", [master, near, nearer], "10.1.2.3", "nearer.example.org"],
  ["the only candidate of a draw", "random", [master], "10.1.2.3", "master.example.org"],
])("%s", (_what, mode, depots, address, chosen) => {
  expect(select(mode, depots, address)).toBe(chosen);
});
