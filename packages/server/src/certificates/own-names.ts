import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { normalizedAddress } from "../configuration/networks.ts";

export interface OwnNames {
  /** DNS names and addresses for the server's certificate, without duplicates. */
  readonly names: readonly string[];
  /** false: a name server did not answer, there may be more names than these. */
  readonly complete: boolean;
}

/**
 * Under which names and addresses this machine can be reached: localhost, the given ones, all addresses of all
 * interfaces except link-local, and what /etc/hosts and the name servers call them. (service 1.10)
 */
export async function ownNames(given: readonly string[]): Promise<OwnNames> {
  const addresses = ["127.0.0.1", "::1", ...interfaceAddresses()];
  const hosts = hostsFile();
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  let complete = true;
  const reversed = await Promise.all(
    addresses.slice(2).map(async (address) => {
      try {
        return await resolver.reverse(address);
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : "";
        if (code !== "ENOTFOUND" && code !== "ENODATA") complete = false;
        return [];
      }
    }),
  );
  const aliases = addresses.flatMap((address) => hosts.get(address) ?? []);
  const dns = [...aliases, ...reversed.flat()].map((name) => name.toLowerCase().replace(/\.$/, "")).filter(isDnsName);
  return { names: [...new Set(["localhost", ...given, ...dns, ...addresses])], complete };
}

function interfaceAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.map(({ address }) => normalizedAddress(address)).filter((address) => !address.startsWith("fe80"));
}

const isDnsName = (name: string) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);

/** Names by address. */
function hostsFile(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  let content = "";
  try {
    content = readFileSync("/etc/hosts", "utf8");
  } catch {
    // not on every system
  }
  for (const line of content.split("\n")) {
    const [address = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (aliases.length > 0) names.set(normalizedAddress(address), [...(names.get(address) ?? []), ...aliases]);
  }
  return names;
}
