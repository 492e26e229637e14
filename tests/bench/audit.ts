import { type Benchmark, inTurn, type Measurement, seconds } from "./benchmark.ts";
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

/** Writes in a site what nobody has written before; each call is another one. */
function writer(site: BenchSite, method: string, installationStatus: string): () => Promise<number> {
  let round = 0;
  return () => {
    const objects = productsOnClients(round++, installationStatus);
    return seconds(() => site.call(method, [objects]));
  };
}

/** Writing 100,000 ProductOnClients in one call with an audit trail, against the same without one. */
export const benchmark: Benchmark = {
  async run(say) {
    await using recording = await startSite();
    await using silent = await startSite(["--audit-keep-days", "0"]);
    for (const site of [recording, silent]) {
      await site.call("host_createObjects", [clientIds.map((id) => ({ type: "OpsiClient", id }))]);
    }
    const compare = async (work: string, method: string, installationStatus: string): Promise<Measurement> => {
      say(work);
      const { ours, anchor } = await inTurn(
        rounds,
        writer(recording, method, installationStatus),
        writer(silent, method, installationStatus),
      );
      const anchorName = "without audit trail";
      return { work, ours, anchor, unit: "s", ratio: anchor / ours, aim: 1 / 1.15, anchorName };
    };
    return [
      await compare("create 100000 ProductOnClients", "productOnClient_createObjects", "not_installed"),
      await compare("change 100000 ProductOnClients", "productOnClient_updateObjects", "installed"),
    ];
  },
};
