import type { Call, Method } from "./declare.ts";
import { configs } from "./families.ts";

/*
 * Source texts in Python that client agents run to choose a depot. (methods 12.3)
 *
 * The agent executes the text and calls `selectDepot`. Functions outside of it would not be visible there, so
 * everything stands inside; `logger` is the agent's own. An exception makes the agent take the master depot.
 */

const head = `def selectDepot(clientConfig, masterDepot, alternativeDepots=[]):
\tcandidates = [masterDepot] + list(alternativeDepots)
\tlogger.info("Choosing among depots: %s", ", ".join(depot.id for depot in candidates))
`;

const onlyMaster = `\tif not alternativeDepots:
\t\treturn masterDepot
`;

const byNetworkAddress = `${head}${onlyMaster}
\timport ipaddress

\taddress = ipaddress.ip_address(clientConfig["ipAddress"])
\tnetworks = [
\t\t(ipaddress.ip_network(depot.networkAddress, strict=False), depot)
\t\tfor depot in candidates
\t\tif depot.networkAddress
\t]
\tnetworks.sort(key=lambda item: item[0].prefixlen, reverse=True)
\tfor network, depot in networks:
\t\tif address.version == network.version and address in network:
\t\t\tlogger.notice("Depot %s serves network %s", depot.id, network)
\t\t\treturn depot
\tlogger.info("No depot serves the network of %s", address)
\treturn masterDepot
`;

const latencyBody = `
\tfrom urllib.parse import urlparse
\tfrom OPSI.Util.Ping import ping

\tfastest = None
\tshortest = None
\tfor depot in candidates:
\t\tif not depot.depotWebdavUrl:
\t\t\tcontinue
\t\ttry:
\t\t\tlatency = ping(urlparse(depot.depotWebdavUrl).hostname)
\t\texcept Exception as err:
\t\t\tlogger.warning("Depot %s cannot be reached: %s", depot.id, err)
\t\t\tcontinue
\t\tif latency is None:
\t\t\tcontinue
\t\tlogger.info("Depot %s answers within %0.3f ms", depot.id, latency * 1000)
\t\tif shortest is None or latency < shortest:
\t\t\tfastest, shortest = depot, latency
\treturn fastest or masterDepot
`;

const byLatency = `${head}${onlyMaster}${latencyBody}`;

const byMasterAndLatency = `${head}
\tcandidates = [masterDepot] + [depot for depot in alternativeDepots if depot.masterDepotId == masterDepot.id]
\tif len(candidates) == 1:
\t\treturn masterDepot
${latencyBody}`;

const byChance = `${head}
\timport random

\treturn random.choice(candidates)
`;

/** By the value of `clientconfig.depot.selection_mode`. */
export const algorithms: ReadonlyMap<unknown, string> = new Map([
  ["network_address", byNetworkAddress],
  ["network_address_best_match", byNetworkAddress],
  ["latency", byLatency],
  ["master_and_latency", byMasterAndLatency],
  ["random", byChance],
]);

async function algorithm({ objects }: Call): Promise<string> {
  const [config] = await objects.read(configs, ["defaultValues"], { id: "clientconfig.depot.selection_mode" });
  const values = config?.["defaultValues"];
  return algorithms.get(Array.isArray(values) ? values[0] : undefined) ?? byNetworkAddress;
}

export const depotSelectionMethods: readonly Method[] = [
  {
    name: "getDepotSelectionAlgorithm",
    doc: "Python source text with which a client chooses its depot.",
    parameters: [],
    result: "str",
    access: "objects",
    run: algorithm,
  },
];
