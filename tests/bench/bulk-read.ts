import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { familyOf, fromHash, OpsiClient, ProductOnClient } from "@opsi-ts/model";
import { SqliteStorage } from "../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import { type Benchmark, inTurn, type Measurement, median, seconds } from "./benchmark.ts";
import { execute } from "./processes.ts";
import { type BenchSite, startSite } from "./site.ts";

const clients = 1000;
const productsPerClient = 100;

async function fill(database: string): Promise<void> {
  await using storage = await SqliteStorage.open(database);
  const ids = Array.from({ length: clients }, (_, number) => `pc${number}.example.org`);
  await storage.write(
    familyOf("host"),
    ids.map((id) => fromHash(OpsiClient, { id })),
    "insert",
  );
  for (const clientId of ids) {
    const rows = Array.from({ length: productsPerClient }, (_, number) =>
      fromHash(ProductOnClient, {
        productId: `product-${number}`,
        productType: "LocalbootProduct",
        clientId,
        installationStatus: number % 3 === 0 ? "not_installed" : "installed",
        actionRequest: number % 50 === 0 ? "setup" : "none",
        productVersion: "1.2.3",
        packageVersion: "1",
      }),
    );
    await storage.write(familyOf("productOnClient"), rows, "insert");
  }
}

/** What SQLite's own shell makes of the same rows: the same members in the same order. */
function anchorStatement(): string {
  const names = Object.keys(ProductOnClient.attributes).map((name) =>
    name === "actionSequence" ? `'${name}', -1` : `'${name}', "${name}"`,
  );
  const ident = `"productId" || ';' || "productType" || ';' || "clientId"`;
  return `SELECT json_group_array(json_object(${names.join(", ")}, 'type', 'ProductOnClient', 'ident', ${ident})) FROM PRODUCT_ON_CLIENT`;
}

const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "productOnClient_getObjects", params: [] });

/** In a process of its own, so that receiving it holds up nothing here. */
async function readAll({ url, cookie }: BenchSite): Promise<void> {
  const headers = ["-H", "Content-Type: application/json", "-H", `Cookie: ${cookie}`, "-A", "bench/1"];
  const said = "%{http_code} %{size_download}";
  const { stdout } = await execute("curl", [
    "-sk",
    ...headers,
    "-d",
    call,
    "-o",
    "/dev/null",
    "-w",
    said,
    `${url}/rpc`,
  ]);
  const [status, bytes] = stdout.split(" ").map(Number);
  if (status !== 200 || (bytes ?? 0) < clients * productsPerClient * 300) throw new Error(stdout);
}

/** Milliseconds that the slowest of many small requests waited while the large read ran. */
async function longestWait(site: BenchSite): Promise<number> {
  let running = true;
  const reading = readAll(site).finally(() => {
    running = false;
  });
  let longest = 0;
  while (running) longest = Math.max(longest, (await seconds(() => site.send("/status/short", null))) * 1000);
  await reading;
  return longest;
}

/** 100,000 ProductOnClients in one call, against SQLite's shell that writes the same JSON. */
export const benchmark: Benchmark = {
  async run(say) {
    await using site = await startSite();
    const database = join(site.root, "var/lib/opsi/opsi.sqlite");
    say(`writing ${clients * productsPerClient} rows`);
    await fill(database);
    await setTimeout(1000); // lets the connection that the filling kept waiting be closed
    await readAll(site);
    say("reading");
    const statement = anchorStatement();
    const { ours, anchor } = await inTurn(
      5,
      () => seconds(() => readAll(site)),
      () =>
        seconds(() =>
          execute("sqlite3", ["-readonly", database, `.once /dev/null`, statement], { maxBuffer: 2 ** 30 }),
        ),
    );
    const waits: number[] = [];
    for (let round = 0; round < 5; round++) waits.push(await longestWait(site));
    const wait = median(waits);
    const read: Measurement = {
      work: "productOnClient_getObjects, 100000 rows over HTTPS",
      ...{ ours, anchor, unit: "s", ratio: anchor / ours, aim: 0.7, anchorName: "sqlite3, same JSON" },
    };
    const others: Measurement = {
      work: "longest wait of another request meanwhile",
      ...{ ours: wait, anchor: 50, unit: "ms", ratio: 50 / wait, aim: 1, anchorName: "limit" },
    };
    return [read, others];
  },
};
