import { BlockList, isIP, isIPv6 } from "node:net";

/** A set of networks. `includes` takes addresses in compressed notation. */
export class Networks {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** @param networks CIDR, as `configuration/` has checked them */
  constructor(networks: readonly string[]) {
    this.isEmpty = networks.length === 0;
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      this.#list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
    }
  }

  includes(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}

/** `::ffff:a.b.c.d` is `a.b.c.d`; IPv6 without zone, compressed and in lower case. Other texts come back as they are. */
export function normalizedAddress(address: string): string {
  if (isIP(address) === 4) return address;
  const plain = address.split("%")[0] ?? "";
  if (!isIPv6(plain)) return address;
  const compressed = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  if (mapped === null) return compressed;
  const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** This machine is always allowed where a list of networks is set. (service 1.2, step 5) */
export function withLocalMachine(networks: readonly string[]): readonly string[] {
  if (networks.length === 0 || new Networks(networks).includes("127.0.0.1")) return networks;
  return [...networks, "127.0.0.1/32"];
}

/** An IPv6 address with all eight groups of four digits; others come back as they are. */
export function exploded(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const middle = Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill("0");
  return [...before, ...middle, ...after].map((group) => group.padStart(4, "0")).join(":");
}
