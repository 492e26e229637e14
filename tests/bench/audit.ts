import { type Benchmark, type Measurement, median, seconds } from "./benchmark.ts";
import { type BenchSite, startSite } from "./site.ts";

const clients = 1000;
const productsPerClient = 100;
const rounds = 3;

const clientIds = Array.from({ length: clients }, (_, number) => `pc${number}.example.org`);

/** One call with 100,000 objects. */
function productsOnClients(round: number, installationStatus: string): unknown[] {
  return clientIds.flatMap((clientId) =>
    Array.from({ length: productsPerClient }, (_, number) => ({
      ...{
        type: "ProductOnClient",
        productId: `product-${round}-${number}`,
        productType: "LocalbootProduct",
        clientId,
      },
      ...{ installationStatus, actionRequest: "none", productVersion: "1.2.3", packageVersion: "1" },
    })),
  );
}

interface Cost {
  readonly clock: number;
  readonly processor: number;
}

/** Writes in a site what nobody has written before; each call is another one. */
function writer(site: BenchSite, method: string, installationStatus: string): () => Promise<Cost> {
  let round = 0;
  return async () => {
    const objects = productsOnClients(round++, installationStatus);
    const before = site.processorTime();
    const clock = await seconds(() => site.call(method, [objects]));
    return { clock, processor: site.processorTime() - before };
  };
}

/**
 * Writing 100,000 ProductOnClients in one call with an audit trail, against the same without one: by the clock, and by
 * the time of the processor, which is the same whatever else the machine does.
 */
export const benchmark: Benchmark = {
  async run(say) {
    await using recording = await startSite();
    await using silent = await startSite(["--audit-keep-days", "0"]);
    for (const site of [recording, silent]) {
      await site.call("host_createObjects", [clientIds.map((id) => ({ type: "OpsiClient", id }))]);
    }
    const compare = async (work: string, method: string, installationStatus: string): Promise<Measurement[]> => {
      say(work);
      const ours: Cost[] = [];
      const anchor: Cost[] = [];
      const write = {
        ours: writer(recording, method, installationStatus),
        anchor: writer(silent, method, installationStatus),
      };
      for (let round = 0; round < rounds; round++) {
        ours.push(await write.ours());
        anchor.push(await write.anchor());
      }
      return (["clock", "processor"] as const).map((name) => {
        const [withTrail, without] = [median(ours.map((cost) => cost[name])), median(anchor.map((cost) => cost[name]))];
        const named = { work: `${work}, ${name}`, anchorName: "without audit trail" };
        return { ...named, ours: withTrail, anchor: without, unit: "s", ratio: without / withTrail, aim: 1 / 1.15 };
      });
    };
    return [
      ...(await compare("create 100000 ProductOnClients", "productOnClient_createObjects", "not_installed")),
      ...(await compare("change 100000 ProductOnClients", "productOnClient_updateObjects", "installed")),
    ];
  },
};
