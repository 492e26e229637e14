import { pythonRepr } from "./python-repr.ts";

/**
 * IP addresses and networks as Python's `ipaddress` reads and prints them: dotted IPv4 without leading zeros, IPv6
 * in compressed form. (objects §1.3)
 */

export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
  /** Interface of a link-local IPv6 address (`fe80::1%eth0`), empty when there is none. */
  readonly scope: string;
}

/** The address, null when the text is none. */
export function parseIpAddress(text: string): IpAddress | null {
  const four = parseIpv4(text);
  return four === null ? parseIpv6(text) : { version: 4, value: four, scope: "" };
}

/** An IPv4 address that is mapped into IPv6 (`::ffff:10.0.0.1`) becomes the IPv4 address. */
export function unmapped(address: IpAddress): IpAddress {
  if (address.version === 4 || address.value >> 32n !== 0xffffn) return address;
  return { version: 4, value: address.value & 0xffff_ffffn, scope: "" };
}

export function formatIpAddress({ version, value, scope }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  const text = length < 2 ? hex.join(":") : `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
  return scope === "" ? text : `${text}%${scope}`;
}

/** The network in compressed form, or the text of the complaint about it. */
export function parseNetwork(text: string): { network: string } | { problem: string } {
  const parts = text.split("/");
  const [host = "", mask] = parts;
  const address = parts.length > 2 ? null : parseIpAddress(host);
  const bits = address?.version === 4 ? 32 : 128;
  const prefix = address === null ? null : mask === undefined ? bits : parsePrefix(mask, address.version);
  if (address === null || prefix === null) {
    return { problem: `${pythonRepr(text)} does not appear to be an IPv4 or IPv6 network` };
  }
  const network = `${formatIpAddress(address)}/${prefix}`;
  const hostBits = (1n << BigInt(bits - prefix)) - 1n;
  if ((address.value & hostBits) !== 0n) return { problem: `${network} has host bits set` };
  return { network };
}

function parsePrefix(mask: string, version: 4 | 6): number | null {
  const bits = version === 4 ? 32 : 128;
  if (/^\d+$/.test(mask)) return Number(mask) <= bits ? Number(mask) : null;
  const value = version === 4 ? parseIpv4(mask) : null;
  if (value === null) return null;
  // 255.255.255.0 and its inverse 0.0.0.255 are both understood.
  const ones = leadingOnes(value);
  if (ones !== null) return ones;
  return leadingOnes(value ^ 0xffff_ffffn);
}

function leadingOnes(value: bigint): number | null {
  const text = value.toString(2).padStart(32, "0");
  return /^1*0*$/.test(text) ? text.lastIndexOf("1") + 1 : null;
}

function parseIpv4(text: string): bigint | null {
  const octets = text.split(".");
  if (octets.length !== 4) return null;
  let value = 0n;
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return null;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

function parseIpv6(text: string): IpAddress | null {
  const percent = text.indexOf("%");
  const scope = percent < 0 ? "" : text.slice(percent + 1);
  if (percent >= 0 && (scope === "" || scope.includes("%"))) return null;
  const parts = (percent < 0 ? text : text.slice(0, percent)).split(":");
  if (parts.length < 3) return null;
  const last = parts.at(-1) ?? "";
  if (last.includes(".")) {
    const four = parseIpv4(last);
    if (four === null) return null;
    parts.splice(-1, 1, (four >> 16n).toString(16), (four & 0xffffn).toString(16));
  }
  const groups = expandGroups(parts);
  if (groups === null) return null;
  let value = 0n;
  for (const group of groups) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return { version: 6, value, scope };
}

/** Eight groups; the one `::` that may stand for a run of zeros is filled in. */
function expandGroups(parts: readonly string[]): readonly string[] | null {
  const gaps = parts.flatMap((part, index) => (part === "" && index > 0 && index < parts.length - 1 ? [index] : []));
  const startsEmpty = parts[0] === "";
  const endsEmpty = parts.at(-1) === "";
  if (gaps.length === 0) return parts.length === 8 && !startsEmpty && !endsEmpty ? parts : null;
  const [gap = 0] = gaps;
  if (gaps.length > 1) return null;
  // A colon at either end belongs to the `::` or is wrong.
  if ((startsEmpty && gap !== 1) || (endsEmpty && gap !== parts.length - 2)) return null;
  const before = parts.slice(startsEmpty ? 1 : 0, gap);
  const after = parts.slice(gap + 1, endsEmpty ? -1 : undefined);
  const missing = 8 - before.length - after.length;
  return missing < 1 ? null : [...before, ...Array<string>(missing).fill("0"), ...after];
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
