import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import {
  GeneratedSite,
  type ObjectBatch,
  type SiteOptions,
} from "../../packages/cli/src/generated-site/generated-site.ts";
import type { Storage } from "../../packages/server/src/backends/storage.ts";

/** Blocks of clients in one transaction: a page that many of them touch is written once. */
const blocksAtOnce = 20;

/** What `opsi dev generate` makes, written into a server's database while the server runs. */
export async function fillSite(
  storage: Storage,
  options: SiteOptions,
  between: (text: string) => Promise<unknown>,
): Promise<void> {
  const site = new GeneratedSite(options);
  const write = (batches: Iterable<ObjectBatch>) =>
    storage.transaction(async (store) => {
      for (const { prefix, objects } of batches) {
        await store.write(familyOf(prefix), objects.map(fromWire), "insert");
      }
    });
  await write(site.foundation());
  for (let first = 0; first < site.clientBlocks; first += blocksAtOnce) {
    const blocks = Array.from(
      { length: Math.min(blocksAtOnce, site.clientBlocks - first) },
      (_, index) => first + index,
    );
    await between(`writing clients: ${first} of ${site.clientBlocks} blocks`);
    await write(blocksOf(site, blocks));
  }
}

function* blocksOf(site: GeneratedSite, blocks: readonly number[]): Generator<ObjectBatch> {
  for (const block of blocks) yield* site.clients(block);
}

function fromWire(object: Readonly<Record<string, unknown>>): OpsiObject {
  const type = objectTypes.get(String(object["type"]));
  if (type === undefined) throw new Error(String(object["type"]));
  return fromHash(type, object);
}
