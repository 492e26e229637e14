import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { GeneratedSite } from "../../packages/cli/src/generated-site/generated-site.ts";
import { type Benchmark, type BenchmarkSizes, type Measurement, median } from "./benchmark.ts";
import { fillSite } from "./fill-site.ts";
import type { BenchAnswer, BenchSite } from "./site.ts";
import { mariadbPlace, postgresqlPlace, type SitePlace, sqlitePlace } from "./site-place.ts";

/** Clients that start one after the other; each is measured once. */
const startsMeasured = 60;
const rounds = 7;

const siteOptions = ({ clients, products, productsPerClient, configStatesPerClient }: BenchmarkSizes) => ({
  ...{ clients, products, productsPerClient, configStatesPerClient, configs: configStatesPerClient, seed: 1 },
  ...{ domain: "generated.test", depotIds: ["server.example.org"] as [string] },
});

interface RecordedCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What an original agent calls when it starts; its ids and what it was told stand for those of our site. */
function recordedStart(): RecordedCall[] {
  const file = join(import.meta.dirname, "../corpus/agent/opsiclientd-start.json");
  return JSON.parse(readFileSync(file, "utf8")) as RecordedCall[];
}

/** Milliseconds that the server says it worked on a request. */
function serverTime({ headers, status, text }: BenchAnswer): number {
  const timing = headers[headers.findIndex((name) => name.toLowerCase() === "server-timing") + 1] ?? "";
  const duration = Number(/request_processing;dur=([\d.]+)/.exec(timing)?.[1]);
  if (status !== 200 || Number.isNaN(duration)) throw new Error(`${status} ${timing} ${text.slice(0, 200)}`);
  return duration;
}

const bodyOf = ({ method, params }: RecordedCall) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });

/** The start of one client with the products that are to be done there; null where there are none. */
async function startOf(site: BenchSite, calls: readonly RecordedCall[], client: { id: string; key: string }) {
  const login = `${client.id}:${client.key}`;
  const { cookie } = await site.sendAs(login, null, "/rpc", bodyOf({ method: "backend_info", params: [] }));
  if (cookie === null) throw new Error(`${client.id} cannot log in`);
  let products: string[] = [];
  const times: number[] = [];
  for (const { method, params } of calls) {
    const text = JSON.stringify(params)
      .replaceAll("pc01.corpus.test", client.id)
      .replaceAll("server.corpus.test", "server.example.org");
    const own = text.replaceAll('["demo"]', JSON.stringify(products)).replaceAll('"demo"', JSON.stringify(products[0]));
    const answer = await site.sendAs(login, cookie, "/rpc", bodyOf({ method, params: JSON.parse(own) }));
    times.push(serverTime(answer));
    const { result, error } = JSON.parse(answer.text) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(`${method}: ${error.message}`);
    if (method !== "productOnClient_getObjects") continue;
    products = (result as { productId: string }[]).map((one) => one.productId);
    if (products.length === 0) return null;
  }
  return times;
}

/*
 * What the methods must read, by statements that know what they look for; `?` is the client. Names are quoted for
 * PostgreSQL.
 */
const depotOfClient = [
  `SELECT "hostId", "type" FROM "HOST" WHERE "type" IN ('OpsiDepotserver', 'OpsiConfigserver')`,
  `SELECT "hostId" FROM "HOST" WHERE "hostId" = ?`,
  `SELECT "value" FROM "CONFIG_VALUE" WHERE "configId" = 'clientconfig.depot.id' AND "isDefault" = 1`,
  `SELECT "values" FROM "CONFIG_STATE" WHERE "configId" = 'clientconfig.depot.id' AND "objectId" = ?`,
];
const valuesOfClient = [
  `SELECT "configId", "value" FROM "CONFIG_VALUE" WHERE "isDefault" = 1`,
  `SELECT "configId", "values" FROM "CONFIG_STATE" WHERE "objectId" = 'server.example.org'`,
  `SELECT "configId", "values" FROM "CONFIG_STATE" WHERE "objectId" = ?`,
];
const actionsOfClient = `SELECT * FROM "PRODUCT_ON_CLIENT" WHERE "clientId" = ? AND "actionRequest" <> 'none'`;
const bareStart = [
  ...[`SELECT * FROM "HOST" WHERE "hostId" = ?`, ...depotOfClient, ...valuesOfClient, actionsOfClient],
  `SELECT * FROM "PRODUCT_ON_DEPOT" WHERE "depotId" = 'server.example.org'`,
  `SELECT "productId", "name", "productVersion", "packageVersion" FROM "PRODUCT"`,
  ...[...valuesOfClient, ...depotOfClient, `SELECT * FROM "HOST" WHERE "hostId" = 'server.example.org'`],
  actionsOfClient,
];
const bareSequence = [
  ...depotOfClient,
  `SELECT * FROM "PRODUCT_ON_DEPOT" WHERE "depotId" = 'server.example.org'`,
  `SELECT "productId", "productVersion", "packageVersion", "setupScript", "priority" FROM "PRODUCT"`,
  `SELECT * FROM "PRODUCT_DEPENDENCY"`,
  `SELECT * FROM "PRODUCT_ON_CLIENT" WHERE "clientId" = ? ORDER BY "productId"`,
];
const bareHosts = [`SELECT * FROM "HOST"`];

/** Milliseconds until the rows of these statements are there as JSON. */
async function bareTime(place: SitePlace, statements: readonly string[], clientId: string): Promise<number> {
  const started = performance.now();
  for (const text of statements) JSON.stringify(await place.rows(text, text.includes("?") ? [clientId] : []));
  return performance.now() - started;
}

/** A figure beside its limit, and beside the bare query. */
function rows(
  work: string,
  unit: string,
  ours: number,
  limit: number,
  bare: { readonly time: number; readonly aim: number } | null,
): Measurement[] {
  const measured = { work, ours, unit };
  const beside = (anchor: number, anchorName: string, aim: number) => ({
    ...measured,
    ...{ anchor, anchorName, ratio: anchor / ours, aim },
  });
  return [beside(limit, "limit", 1), ...(bare === null ? [] : [beside(bare.time, "bare SQL", bare.aim)])];
}

/** How a large site feels: a client that starts, the list of all clients, the sequence of one, memory. */
const benchmarkAt = (open: () => Promise<SitePlace>): Benchmark => ({
  async run(say, sizes) {
    await using place = await open();
    const { site, name } = place;
    {
      await using storage = await place.open();
      await fillSite(storage, siteOptions(sizes), (text) => {
        say(text);
        return site.call("backend_info", []); // a session ends when it is not used for two minutes
      });
    }
    await setTimeout(1000); // lets the connection that the filling kept waiting be closed
    const generated = new GeneratedSite(siteOptions(sizes));
    const ids = Array.from({ length: generated.clientBlocks }, (_, block) => generated.clientIds(block)).flat();
    const every = Math.max(1, Math.floor(ids.length / startsMeasured));
    const chosen = ids.filter((_, index) => index % every === 0);
    const hosts = (await site.call("host_getObjects", [["opsiHostKey"], { id: chosen }])) as Record<string, string>[];

    say("starting clients");
    const calls = recordedStart();
    const timesOf = calls.map((): number[] => []);
    const bareSums: number[] = [];
    for (const { id = "", opsiHostKey: key = "" } of hosts) {
      const times = await startOf(site, calls, { id, key });
      if (times === null) continue;
      for (const [index, milliseconds] of times.entries()) timesOf[index]?.push(milliseconds);
      bareSums.push(await bareTime(place, bareStart, id));
    }
    // The middle of each call: what else the machine does would hit one of the calls of nearly every start.
    const medians = timesOf.map(median);
    for (const [index, { method }] of calls.entries()) say(`${method}: ${medians[index]?.toFixed(2)} ms`);
    const start = medians.reduce((sum, one) => sum + one, 0);

    say("one client's products in their sequence");
    const sequence: number[] = [];
    const bareSequences: number[] = [];
    for (const id of chosen) {
      const call = { method: "productOnClient_getObjectsWithSequence", params: [[], { clientId: id }] };
      sequence.push(serverTime(await site.send("/rpc", bodyOf(call))));
      bareSequences.push(await bareTime(place, bareSequence, id));
    }

    say("all hosts");
    const all: number[] = [];
    const bareAll: number[] = [];
    for (let round = 0; round < rounds; round++) {
      all.push(serverTime(await site.send("/rpc", bodyOf({ method: "host_getObjects", params: [] }))) / 1000);
      bareAll.push((await bareTime(place, bareHosts, "")) / 1000);
    }
    const beside = (times: readonly number[]) => ({ time: median(times), aim: place.aim });
    return [
      ...rows(`start of a client, ${name}`, "ms", start, 15, beside(bareSums)),
      ...rows(`one client's products with their sequence, ${name}`, "ms", median(sequence), 10, beside(bareSequences)),
      ...rows(`host_getObjects, ${ids.length} clients, ${name}`, "s", median(all), 0.4, beside(bareAll)),
      ...rows(`peak memory of the server, ${name}`, "MB", site.peakMemory(), 600, null),
    ];
  },
});

export const benchmark = benchmarkAt(sqlitePlace);
export const onMariadb = benchmarkAt(mariadbPlace);
export const onPostgresql = benchmarkAt(postgresqlPlace);
