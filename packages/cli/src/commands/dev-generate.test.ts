import { expect, test } from "vitest";
import { GeneratedSite } from "../generated-site/generated-site.ts";
import { startTestSite } from "../testing/test-site.ts";

const options = {
  ...{ clients: 120, products: 40, productsPerClient: 12, configs: 20, configStatesPerClient: 6 },
  ...{ seed: 7, domain: "generated.test", depotIds: ["server.example.org"] as [string] },
};
const everything = (site: GeneratedSite) => [
  ...site.foundation(),
  ...Array.from({ length: site.clientBlocks }, (_, block) => [...site.clients(block)]).flat(),
];
const ofPrefix = (site: GeneratedSite, prefix: string) =>
  everything(site)
    .filter((batch) => batch.prefix === prefix)
    .flatMap(({ objects }) => objects);

test("the same seed gives the same site, another one another", () => {
  expect(everything(new GeneratedSite(options))).toEqual(everything(new GeneratedSite(options)));
  expect(everything(new GeneratedSite({ ...options, seed: 8 }))).not.toEqual(everything(new GeneratedSite(options)));
});

test("as many as were asked for, each once", () => {
  const site = new GeneratedSite(options);
  const ids = (prefix: string, ...names: string[]) =>
    new Set(ofPrefix(site, prefix).map((object) => names.map((name) => object[name]).join(";")));
  expect(ids("host", "id").size).toBe(120);
  expect(ids("product", "id").size).toBe(40);
  expect(ids("productOnClient", "clientId", "productId").size).toBe(120 * 12);
  expect(ids("configState", "objectId", "configId").size).toBe(120 * 6);
  expect(ids("host", "hardwareAddress").size).toBe(120);
  expect(new GeneratedSite({ ...options, clients: 0 }).clientBlocks).toBe(0);
});

test("dependencies lead to products that are there, and never back", () => {
  const order = ofPrefix(new GeneratedSite(options), "product").map(({ id }) => id);
  const dependencies = ofPrefix(new GeneratedSite(options), "productDependency");
  expect(dependencies).toHaveLength(8);
  for (const { productId, requiredProductId } of dependencies) {
    expect(order.indexOf(requiredProductId)).toBeGreaterThanOrEqual(0);
    expect(order.indexOf(requiredProductId)).toBeLessThan(order.indexOf(productId));
  }
});

test("a service takes it, and what was interrupted goes on where it was", async () => {
  await using site = await startTestSite();
  const counts = ["--clients", "120", "--products", "40", "--products-per-client", "12", "--states-per-client", "6"];
  const words = ["dev", "generate", ...counts, "--configs", "20", "--seed", "7"];
  const unasked = await site.opsi(...words);
  expect(unasked).toMatchObject({ exitCode: 2, errors: expect.stringContaining("Really create 120 clients") });
  expect(await site.json("client", "list")).toEqual([]);
  expect(await site.opsi(...words, "--depots", "nope.example.org", "--yes")).toMatchObject({ exitCode: 1 });

  expect(await site.json(...words, "--yes")).toEqual([{ clients: 120, created: 120, products: 40 }]);
  const clients = await site.json<{ id: string }[]>("client", "list");
  expect(clients).toHaveLength(120);
  const [first, ...others] = new GeneratedSite(options).clientIds(1);
  const stored = async (method: string, filter: object) =>
    site.json<Record<string, unknown>[]>("jsonrpc", "execute", method, "[]", JSON.stringify(filter));
  const states = await stored("productOnClient_getObjects", { clientId: first });
  expect(states).toHaveLength(12);
  expect(await stored("configState_getObjects", { objectId: first })).toHaveLength(6);

  // As if the second block had not been finished.
  await site.json("client", "delete", first ?? "", "--yes");
  expect(await site.json(...words, "--yes")).toEqual([{ clients: 120, created: others.length + 1, products: 40 }]);
  expect(await stored("productOnClient_getObjects", { clientId: first })).toEqual(states);
  expect(await site.json(...words, "--yes")).toEqual([{ clients: 120, created: 0, products: 40 }]);
});
