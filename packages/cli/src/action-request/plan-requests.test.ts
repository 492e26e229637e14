import { expect, test } from "vitest";
import { type PlanInput, type ProductOnClient, planRequests } from "./plan-requests.ts";

const editor = { id: "editor", type: "LocalbootProduct", productVersion: "2.0", packageVersion: "1", setupScript: "s" };
const base: PlanInput = {
  depotOf: new Map([["pc1", "depot1"]]),
  products: [editor],
  onDepots: [{ productId: "editor", depotId: "depot1", productVersion: "2.0", packageVersion: "1" }],
  onClients: [],
  request: "setup",
  whereFailed: false,
  whereOutdated: false,
};
const state = (changes: Partial<ProductOnClient>): ProductOnClient[] => [
  {
    productId: "editor",
    productType: "LocalbootProduct",
    clientId: "pc1",
    installationStatus: "installed",
    ...changes,
  },
];

test.each<[what: string, changes: Partial<PlanInput>, requests: number, skipped: string[]]>([
  ["a product that the client never had", {}, 1, []],
  ["an existing request is overwritten", { onClients: state({ actionRequest: "uninstall" }) }, 1, []],
  ["not on the client's depot", { onDepots: [] }, 0, ["'editor' is not on depot 'depot1'"]],
  ["no script for it", { request: "uninstall" }, 0, ["'editor' has no uninstall script"]],
  ["none needs no script", { request: "none" }, 1, []],
  ["outdated", { whereOutdated: true, onClients: state({ productVersion: "1.0", packageVersion: "1" }) }, 1, []],
  ["up to date", { whereOutdated: true, onClients: state({ productVersion: "2.0", packageVersion: "1" }) }, 0, []],
  ["outdated, but not installed", { whereOutdated: true, onClients: state({ installationStatus: "unknown" }) }, 0, []],
  ["failed", { whereFailed: true, onClients: state({ actionResult: "failed" }) }, 1, []],
  [
    "failed with a request already",
    { whereFailed: true, onClients: state({ actionResult: "failed", actionRequest: "update" }) },
    0,
    ["'editor' has a request already"],
  ],
])("%s", (_what, changes, requests, skipped) => {
  const plan = planRequests({ ...base, ...changes });
  expect(plan.requests).toHaveLength(requests);
  expect([...plan.skipped.keys()]).toEqual(skipped);
});

test("the version on the client's own depot counts", () => {
  const input: PlanInput = {
    ...base,
    whereOutdated: true,
    depotOf: new Map([["pc1", "depot2"]]),
    products: [editor, { ...editor, productVersion: "1.0" }],
    onDepots: [
      ...base.onDepots,
      { productId: "editor", depotId: "depot2", productVersion: "1.0", packageVersion: "1" },
    ],
    onClients: state({ productVersion: "1.0", packageVersion: "1" }),
  };
  expect(planRequests(input).requests).toEqual([]);
});
