import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { HostsFile } from "../files/hosts-file.ts";
import { AbandonedExpression, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { splitLines, toText, trim } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";

/** Leading zeros and blanks around are allowed: 32 bits, or `null`. */
function parseAddress(text: string): number | null {
  const parts = trim(text).split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return null;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

const formatAddress = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
const maskOf = (bits: number) => (bits <= 0 ? 0 : bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0);

/** A dotted mask or a number of bits. */
function parseMask(text: string): number | null {
  const bits = parseInteger(trim(text));
  if (bits !== null) return bits >= 0 && bits <= 32 ? maskOf(bits) : null;
  return parseAddress(text);
}

const isValid4 = (text: string) => parseAddress(text) !== null;
const isValid6 = (text: string) => isIPv6(trim(text));

const address = [{ name: "address", type: "string" }] as const;
const addressAndMask = [
  { name: "address", type: "string" },
  { name: "mask", type: "string" },
] as const;

export const isValidIP4 = builtin({
  name: "isValidIP4",
  parameters: address,
  returns: "boolean",
  doc: "Whether the text is an IPv4 address.",
  examples: [
    ['isValidIP4("192.168.1.1")', true],
    ['isValidIP4("256.1.1.1")', false],
  ],
  run: (_context, text) => isValid4(text),
});

export const isValidIP6 = builtin({
  name: "isValidIP6",
  parameters: address,
  returns: "boolean",
  doc: "Whether the text is an IPv6 address.",
  examples: [['isValidIP6("::1")', true]],
  run: (_context, text) => isValid6(text),
});

export const isValidIP = builtin({
  name: "isValidIP",
  parameters: address,
  returns: "boolean",
  doc: "Whether the text is an IPv4 or IPv6 address.",
  examples: [['isValidIP("x")', false]],
  run: (_context, text) => isValid4(text) || isValid6(text),
});

export const isValidIP4Network = builtin({
  name: "isValidIP4Network",
  parameters: addressAndMask,
  returns: "boolean",
  doc: "Whether the address is the network's own with this mask (number of bits or dotted).",
  examples: [
    ['isValidIP4Network("10.0.0.0","8")', true],
    ['isValidIP4Network("10.0.0.1","255.0.0.0")', false],
  ],
  run: (_context, text, maskText) => {
    const value = parseAddress(text);
    const mask = parseMask(maskText);
    return value !== null && mask !== null && (value & mask) >>> 0 === value;
  },
});

export const isValidIP4Host = builtin({
  name: "isValidIP4Host",
  parameters: addressAndMask,
  returns: "boolean",
  doc: "Whether the address is neither the network's nor the broadcast address.",
  examples: [
    ['isValidIP4Host("10.0.0.1","8")', true],
    ['isValidIP4Host("10.255.255.255","8")', false],
  ],
  run: (_context, text, maskText) => {
    const value = parseAddress(text);
    const mask = parseMask(maskText);
    if (value === null || mask === null) return false;
    return (value & mask) >>> 0 !== value && (value | (~mask >>> 0)) >>> 0 !== value;
  },
});

export const getIP4NetworkByAdrAndMask = builtin({
  name: "getIP4NetworkByAdrAndMask",
  parameters: addressAndMask,
  returns: "string",
  doc: "The network of an address; empty when the address is none.",
  examples: [['getIP4NetworkByAdrAndMask("198.51.100.223","12")', "198.48.0.0"]],
  run: (_context, text, maskText) => {
    const value = parseAddress(text);
    if (value === null) return "";
    const mask = parseMask(maskText);
    if (mask === null) throw new AbandonedExpression(`${maskText} is no mask`);
    return formatAddress((value & mask) >>> 0);
  },
});

export const getDefaultNetmaskByIP4adr = builtin({
  name: "getDefaultNetmaskByIP4adr",
  parameters: address,
  returns: "string",
  doc: "The mask of the address class A, B or C.",
  examples: [
    ['getDefaultNetmaskByIP4adr("172.16.0.1")', "255.255.0.0"],
    ['getDefaultNetmaskByIP4adr("224.0.0.1")', "not defined"],
  ],
  run: (_context, text) => {
    const value = parseAddress(text);
    if (value === null) throw new SyntaxProblem(`"${text}" is no IPv4 address`);
    const first = value >>> 24;
    if (first < 128) return "255.0.0.0";
    if (first < 192) return "255.255.0.0";
    return first < 224 ? "255.255.255.0" : "not defined";
  },
});

export const cidrToNetmask = builtin({
  name: "cidrToNetmask",
  parameters: [{ name: "bits", type: "string" }],
  returns: "string",
  doc: "The dotted mask of a number of bits.",
  examples: [
    ['cidrToNetmask("24")', "255.255.255.0"],
    ['cidrToNetmask("x")', ""],
  ],
  run: (_context, text) => {
    const bits = parseInteger(text);
    return bits === null ? "" : formatAddress(maskOf(bits));
  },
});

export const netmaskToCidr = builtin({
  name: "netmaskToCidr",
  parameters: [{ name: "mask", type: "string" }],
  returns: "string",
  doc: "The number of bits of a dotted mask.",
  examples: [
    ['netmaskToCidr("255.255.255.0")', "24"],
    ['netmaskToCidr("255.255.0.255")', ""],
  ],
  run: (_context, text) => {
    const value = parseAddress(text);
    const bits = Array.from({ length: 33 }, (_, index) => index).find((index) => maskOf(index) === value);
    return bits === undefined ? "" : String(bits);
  },
});

export const isValidFQDN = builtin({
  name: "isValidFQDN",
  parameters: [{ name: "name", type: "string" }],
  returns: "boolean",
  doc: "Whether the text is a host name with domain and top level domain.",
  examples: [
    ['isValidFQDN("host.example.org")', true],
    ['isValidFQDN("example.org")', false],
  ],
  run: (_context, name) => {
    const labels = name.split(".");
    const last = labels.pop() ?? "";
    if (name.length > 254 || labels.length < 2 || !/^[A-Za-z]{2,63}$/.test(last)) return false;
    return labels.every((label) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(label));
  },
});

export const isPingReachable = builtin({
  name: "isPingReachable",
  parameters: [{ name: "host", type: "string" }],
  returns: "boolean",
  doc: "Whether the host answers a ping.",
  examples: [],
  run: ({ platform }, host) => platform.network.isReachable(host),
});

export const getMyIpByTarget = builtin({
  name: "GetMyIpByTarget",
  parameters: address,
  returns: "string",
  doc: "Own address that is used to reach another address.",
  examples: [['GetMyIpByTarget("127.0.0.1")', "127.0.0.1"]],
  run: ({ platform }, target) => platform.network.addressTowards(trim(target)),
});

export const getIpByName = builtin({
  name: "GetIpByName",
  parameters: [{ name: "name", type: "string" }],
  returns: "string",
  doc: "Address of a host name.",
  examples: [['GetIpByName("127.0.0.1")', "127.0.0.1"]],
  run: ({ platform }, name) => platform.network.addressByName(trim(name)),
});

export const getIpMacMap = builtin({
  name: "getIpMacMap",
  parameters: [],
  returns: "list",
  doc: "Windows: ip=mac of all network cards.",
  examples: [["getIpMacMap", []]],
  run: () => [],
});

function hosts({ platform }: Context): HostsFile {
  try {
    return new HostsFile(splitLines(readFileSync(toText(platform.folders.hostsFile), "latin1")));
  } catch {
    return new HostsFile([]); // a system without the file
  }
}

export const getHostsName = builtin({
  name: "GetHostsName",
  parameters: address,
  returns: "string",
  doc: "The name of an address in the hosts file.",
  examples: [],
  run: (context, ip) => {
    const name = hosts(context).nameOf(ip);
    if (name === "") context.log.write(level.warning, `No host with the address ${ip}`);
    return name;
  },
});

export const getHostsAddr = builtin({
  name: "GetHostsAddr",
  parameters: [{ name: "name", type: "string" }],
  returns: "string",
  doc: "The address of a name in the hosts file.",
  examples: [],
  run: (context, name) => {
    const found = hosts(context).addressOf(name);
    if (found === "") context.warning(`No host with the name ${name}`);
    return found;
  },
});
