import { spawnSync } from "node:child_process";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { toBytes, toText } from "../text/bytes.ts";
import type { Network } from "./network.ts";
import { outputOf } from "./program-output.ts";

const ownAddresses = () =>
  Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ family }) => family === "IPv4"));

export const linuxNetwork: Network = {
  get hostName() {
    return toBytes(hostname());
  },
  get fullyQualifiedName() {
    return toBytes(outputOf("hostname", "-f") || hostname());
  },
  get address() {
    return ownAddresses().find(({ internal }) => !internal)?.address ?? "";
  },
  addressByName: (name) => {
    if (name === "") return "";
    if (isIP(name)) return name;
    return outputOf("getent", "ahostsv4", toText(name)).split(/\s/, 1)[0] ?? "";
  },
  addressTowards: (target) => {
    if (isIP(target) === 0) return "";
    const route = /\bsrc (\S+)/.exec(outputOf("ip", "-o", "route", "get", target))?.[1];
    if (route !== undefined) return route;
    if (target.startsWith("127.")) return "127.0.0.1"; // no `ip` command: the loopback needs none
    return linuxNetwork.address;
  },
  isReachable: (host) =>
    host !== "" &&
    !host.startsWith("-") &&
    spawnSync("ping", ["-c", "1", "-W", "2", toText(host)], { stdio: "ignore" }).status === 0,
};
