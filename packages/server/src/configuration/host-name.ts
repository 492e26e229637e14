import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Fully qualified name of this machine without asking the network: the host name itself, /etc/hosts, else
 * `<hostname>.opsi.internal`. A host id needs at least two dots. (service 7.2, `host.id`)
 */
export function localHostName(
  name = hostname(),
  hostsFile = readIfThere("/etc/hosts"),
  resolverFile = readIfThere("/etc/resolv.conf"),
): string {
  const own = name.toLowerCase();
  const inHosts = hostsFile
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().toLowerCase().split(/\s+/).slice(1))
    .filter((names) => names.includes(own))
    .flat();
  const domain = /^\s*(?:domain|search)\s+(\S+)/m.exec(resolverFile)?.[1]?.toLowerCase();
  const candidates = [own, ...inHosts, ...(domain === undefined ? [] : [`${label(own)}.${domain}`])];
  return candidates.find(isFullyQualified) ?? `${label(own)}.opsi.internal`;
}

const isFullyQualified = (name: string) => /^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*){2,}$/.test(name);

/** First label, made of what a host id may contain. */
function label(name: string): string {
  const cleaned = (name.split(".")[0] ?? "").replace(/[^a-z0-9-]/g, "-").replace(/^-+|-+$/g, "");
  return cleaned === "" || cleaned === "localhost" ? "opsi" : cleaned;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // not on every system
  }
}
