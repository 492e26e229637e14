import type { BroadcastAddresses } from "../configuration/host-control-settings.ts";
import { Networks } from "../configuration/networks.ts";

/** Six times FF, then sixteen times the hardware address. (methods 10.6) */
export function magicPacket(hardwareAddress: string): Buffer {
  const address = Buffer.from(hardwareAddress.replaceAll(/[^0-9a-f]/gi, ""), "hex");
  if (address.length !== 6) throw new Error(`Not a hardware address: '${hardwareAddress}'`);
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}

export interface BroadcastTarget {
  readonly address: string;
  readonly ports: readonly number[];
}

const prefixLength = (network: string) => Number(network.split("/")[1] ?? 32);

/** Where to send: to the smallest network that contains the host; without an address, or outside of all, to every one. */
export function broadcastTargets(networks: BroadcastAddresses, ipAddress: string | null): BroadcastTarget[] {
  const containing = [...networks.keys()]
    .filter((network) => ipAddress !== null && new Networks([network]).includes(ipAddress))
    .sort((a, b) => prefixLength(b) - prefixLength(a));
  const chosen = containing.length > 0 ? containing.slice(0, 1) : [...networks.keys()];
  return chosen.flatMap((network) =>
    [...(networks.get(network) ?? [])].map(([address, ports]) => ({ address, ports })),
  );
}
