import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
const client = "pc1.example.org";
const version = { productVersion: "1.0", packageVersion: "1" };

beforeAll(async () => {
  site = await startTestSite();
  const create = (method: string, objects: unknown[]) =>
    site.json("jsonrpc", "execute", method, JSON.stringify(objects));
  await create(
    "host_createObjects",
    ["pc1", "pc2"].map((name) => ({ type: "OpsiClient", id: `${name}.example.org` })),
  );
  const products = ["editor", "runtime", "old"];
  await create(
    "product_createObjects",
    products.map((id) => ({ type: "LocalbootProduct", id, ...version, name: id, setupScript: "setup.opsiscript" })),
  );
  await create("productDependency_createObjects", [
    {
      type: "ProductDependency",
      productId: "editor",
      ...version,
      productAction: "setup",
      requiredProductId: "runtime",
      requiredInstallationStatus: "installed",
      requirementType: "before",
    },
  ]);
  await create(
    "productOnDepot_createObjects",
    products.map((productId) => ({
      type: "ProductOnDepot",
      productId,
      productType: "LocalbootProduct",
      ...version,
      depotId: site.hostId,
    })),
  );
  await create("group_createObjects", [
    { type: "HostGroup", id: "building" },
    { type: "HostGroup", id: "floor", parentGroupId: "building" },
    { type: "ProductGroup", id: "tools" },
  ]);
  await create("objectToGroup_createObjects", [
    { type: "ObjectToGroup", groupType: "HostGroup", groupId: "floor", objectId: client },
    { type: "ObjectToGroup", groupType: "ProductGroup", groupId: "tools", objectId: "old" },
  ]);
});
afterAll(() => site[Symbol.asyncDispose]());

const set = (...words: string[]) => site.opsi("--output", "json", "client-action", "set-action-request", ...words);
const requests = async () => {
  const stored = await site.json<{ productId: string; clientId: string; actionRequest: string }[]>(
    "jsonrpc",
    "execute",
    "productOnClient_getObjects",
    "[]",
    "{}",
  );
  return stored
    .filter(({ actionRequest }) => actionRequest !== "none")
    .map(({ clientId, productId, actionRequest }) => `${clientId.split(".")[0]} ${productId} ${actionRequest}`)
    .sort();
};

test("a dry run shows the dependencies, too, and sets nothing", async () => {
  const { exitCode, out, errors } = await set("--clients", client, "--products", "editor", "--dry-run");
  expect([exitCode, errors]).toEqual([0, expect.stringContaining("Would set these requests:\n")]);
  expect(JSON.parse(out)).toMatchObject([
    { productId: "runtime", reason: "dependency" },
    { productId: "editor", reason: "selected" },
  ]);
  expect(await requests()).toEqual([]);
});

test("a request brings what the product depends on", async () => {
  const { exitCode, out } = await set("--clients", client, "--products", "editor", "-q");
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject([
    { clientId: client, productId: "runtime", actionRequest: "setup", reason: "dependency" },
    { clientId: client, productId: "editor", actionRequest: "setup", reason: "selected" },
  ]);
  expect(await requests()).toEqual(["pc1 editor setup", "pc1 runtime setup"]);
});

test("requests are taken back", async () => {
  await set("--clients", "*", "--products", "*", "--request", "none", "-q");
  expect(await requests()).toEqual([]);
});

test("groups of clients and products, without dependencies", async () => {
  await set("--groups", "building", "--product-groups", "tools", "--no-dependencies", "-q");
  expect(await requests()).toEqual(["pc1 old setup"]);
});

test("what cannot be is left out and said", async () => {
  const { exitCode, errors } = await set("--clients", client, "--products", "old", "--request", "uninstall");
  expect(exitCode).toBe(1);
  expect(errors).toContain("Warning: 'old' has no uninstall script, left out\n");
  expect(errors).toContain("No request was set");
});

test.each([
  [["--products", "old"], 2, "Which clients?"],
  [["--clients", client], 2, "Which products?"],
  [["--clients", "nobody.example.org", "--products", "old"], 1, "There is no client 'nobody.example.org'"],
  [["--clients", client, "--products", "nothing"], 1, "There is no product 'nothing'"],
  [["--groups", "nowhere", "--products", "old"], 1, "There is no HostGroup 'nowhere'"],
])("%j", async (words, exitCode, message) => {
  expect(await set(...words)).toMatchObject({ exitCode, errors: expect.stringContaining(message) });
});
