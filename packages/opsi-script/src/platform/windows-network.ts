import { spawnSync } from "node:child_process";
import { isIP, isIPv4 } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { toBytes, toText } from "../text/bytes.ts";
import type { Network } from "./network.ts";
import { fromWide, type Handle, windowsFunction } from "./windows-library.ts";

const computerName = windowsFunction<(kind: number, name: Buffer, size: [number]) => number>(
  "kernel32",
  "int GetComputerNameExW(int kind, void *name, _Inout_ uint32 *size)",
);
const openSocket = windowsFunction<(family: number, kind: number, protocol: number) => Handle>(
  "ws2_32",
  "intptr_t socket(int family, int kind, int protocol)",
);
const connect = windowsFunction<(socket: Handle, address: Buffer, size: number) => number>(
  "ws2_32",
  "int connect(intptr_t socket, void *address, int size)",
);
const ownName = windowsFunction<(socket: Handle, address: Buffer, size: [number]) => number>(
  "ws2_32",
  "int getsockname(intptr_t socket, void *address, _Inout_ int *size)",
);
const closeSocket = windowsFunction<(socket: Handle) => number>("ws2_32", "int closesocket(intptr_t socket)");

const fullyQualified = 3; // ComputerNameDnsFullyQualified
const internet = 2;
const datagrams = 2;

function ping(...parameters: string[]): { readonly answered: boolean; readonly output: string } {
  const { status, stdout } = spawnSync("ping.exe", ["-n", "1", "-w", "2000", ...parameters], {
    encoding: "latin1",
    windowsHide: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return { answered: status === 0, output: stdout ?? "" };
}

/** A datagram socket that is connected sends nothing, but knows the address that it would send from. */
function addressTowards(target: string): string {
  if (!isIPv4(target)) return "";
  const socket = openSocket(internet, datagrams, 0);
  try {
    const address = Buffer.alloc(16); // sockaddr_in: family, port, address
    address.writeUInt16LE(internet);
    address.writeUInt16BE(9, 2);
    address.set(target.split(".").map(Number), 4);
    if (connect(socket, address, address.length) !== 0) return "";
    return ownName(socket, address, [address.length]) === 0 ? [...address.subarray(4, 8)].join(".") : "";
  } finally {
    closeSocket(socket);
  }
}

export const windowsNetwork: Network = {
  get hostName() {
    return toBytes(hostname());
  },
  get fullyQualifiedName() {
    const name = Buffer.alloc(1024);
    return computerName(fullyQualified, name, [512]) === 0 ? toBytes(hostname()) : fromWide(name);
  },
  get address() {
    const own = Object.values(networkInterfaces()).flatMap((all = []) => all);
    return own.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "";
  },
  // `ping` tells the address in brackets in all languages, also when nobody answers
  addressByName: (name) => {
    if (name === "" || isIP(name)) return name;
    if (!/^[\w.-]+$/.test(name) || name.startsWith("-")) return "";
    return /\[(\d+(?:\.\d+){3})\]/.exec(ping("-4", name).output)?.[1] ?? "";
  },
  addressTowards,
  // a router's "unreachable" counts as an answer for `ping`, but has no time to live
  isReachable: (host) => {
    if (host === "" || /^[-/]/.test(host)) return false;
    const { answered, output } = ping(toText(host));
    return answered && (host.includes(":") || output.includes("TTL="));
  },
};
