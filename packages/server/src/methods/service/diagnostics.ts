import { statfs } from "node:fs/promises";
import { arch, cpus, freemem, hostname, networkInterfaces, platform, release, totalmem, uptime } from "node:os";
import { readOsRelease } from "../../health/os-release.ts";
import { runChecks } from "../../health/run-checks.ts";
import { type Call, type Method, parameters } from "../declare.ts";
import { hosts, productsOnDepots } from "../families.ts";
import { shownOptions } from "./options.ts";

const activeMilliseconds = 365 * 86_400_000;

async function disks({ site }: Call): Promise<unknown[]> {
  const { state, depot, logs } = site.folders;
  return Promise.all(
    [...new Set([state, depot, logs])].map(async (path) => {
      const { blocks, bavail, bsize } = await statfs(path);
      return { path, total: blocks * bsize, free: bavail * bsize };
    }),
  );
}

async function clientCounts({ storage }: Call): Promise<Record<string, number>> {
  const clients = await storage.read(hosts, { attributes: ["lastSeen"], filter: { type: "OpsiClient" } });
  const active = clients.filter(
    ({ lastSeen }) => Date.now() - new Date(String(lastSeen).replace(" ", "T")).getTime() < activeMilliseconds,
  );
  return { client_count: clients.length, active_client_count: active.length };
}

async function productVersions({ storage }: Call): Promise<Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const { depotId, productId, productType, productVersion, packageVersion } of await storage.read(
    productsOnDepots,
  )) {
    const ofDepot = found[String(depotId)] ?? {};
    found[String(depotId)] = ofDepot;
    ofDepot[String(productId)] = { version: `${productVersion}-${packageVersion}`, type: productType };
  }
  return found;
}

function extensionMethods({ site }: Call): Record<string, { file: string; overwrite: boolean }> {
  const all = site.service.extensions();
  return Object.fromEntries(
    all.flatMap(({ file, methods }) => methods.map(({ name, overwrite }) => [name, { file, overwrite }])),
  );
}

/** What somebody who helps from afar wants to know; secrets are not in it. (methods 6.2) */
async function diagnosticData(call: Call): Promise<Record<string, unknown>> {
  const depots = await call.storage.readIdents(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] } });
  const processors = cpus();
  return {
    system: { hostname: hostname(), platform: platform(), release: release(), arch: arch(), uptime: uptime() },
    processor: { count: processors.length, model: processors[0]?.model ?? "" },
    memory: { total: totalmem(), available: freemem(), process: process.memoryUsage().rss },
    disks: await disks(call),
    os_release: await readOsRelease(),
    lsb_release: {},
    network: networkInterfaces(),
    proxy_vars: {},
    config: shownOptions(call),
    depots: { ids: depots.map(({ id }) => id) },
    clients: await clientCounts(call),
    products: await productVersions(call),
    packages: { node: process.versions.node, openssl: process.versions.openssl, service: call.site.version },
    backendmanager_extensions: extensionMethods(call),
    licenses: {},
    health_check: await runChecks(call),
    redis_info: {},
  };
}

export const diagnosticMethods: readonly Method[] = [
  {
    name: "service_healthCheck",
    doc: "Looks whether everything is in order.",
    parameters: parameters("clear_cache=False"),
    result: "list[dict]",
    access: "name",
    admin: true,
    run: (call) => runChecks(call),
  },
  {
    name: "service_getDiagnosticData",
    doc: "What somebody who helps from afar wants to know.",
    parameters: [],
    result: "dict",
    access: "name",
    admin: true,
    run: diagnosticData,
  },
];
