import { fromHash, type OpsiObject, ProductOnClient } from "@opsi-ts/model";
import { expect, test } from "vitest";
import { sequenceClient } from "./client-actions.ts";
import { collectActions } from "./collect-actions.ts";
import type { DepotProduct, DepotProducts, ProductDependency } from "./depot-products.ts";

/** The vectors of objects 10.2, in their notation: all products are on the depot in version 1-1. */

function product(
  id: string,
  priority: number,
  without: readonly string[],
  dependencies: ProductDependency[],
): DepotProduct {
  const scripts = ["setup", "uninstall", "update"].filter((action) => !without.includes(action));
  const version = { productVersion: "1", packageVersion: "1" };
  return { id, productType: "LocalbootProduct", ...version, priority, scripts: new Set(scripts), dependencies };
}

/** `a>b setup installed before`: the setup of a needs b to be installed before it. */
function dependency(text: string): [string, ProductDependency] {
  const match = /^(\w)>(\w) (\w+) (\w+)(?: v(\d))?(?: (before|after))?$/.exec(text);
  if (!match) throw new Error(text);
  const [, from = "", requiredProductId = "", productAction = "", needed = "", version, type] = match;
  const isStatus = needed.endsWith("installed");
  return [
    from,
    {
      productAction,
      requiredProductId,
      requiredProductVersion: version ?? null,
      requiredPackageVersion: null,
      requiredAction: isStatus ? null : needed,
      requiredInstallationStatus: isStatus ? needed : null,
      requirementType: type ?? null,
    },
  ];
}

interface Vector {
  readonly products: string;
  readonly needs?: readonly string[];
  /** `a:setup`, `b:uninstall:installed`, `b:none:installed:0` (product version) */
  readonly requests: string;
  readonly without?: Record<string, string[]>;
  readonly output: string;
}

const vectors: readonly Vector[] = [
  { products: "a0 b50 c-10 d0", requests: "a b c d", output: "50:[b#0] 0:[a#1] 0:[d#2] -10:[c#3]" },
  { products: "a10 b-90 c5", needs: ["a>b setup installed before"], requests: "a c", output: "10:[b#0 a#1] 5:[c#2]" },
  { products: "a10 b-90 c5", needs: ["a>b setup installed"], requests: "a c", output: "10:[a#0] 5:[c#1] -90:[b#2]" },
  { products: "a10 b-90", needs: ["a>b setup installed before"], requests: "a !b:installed:1", output: "10:[a#0]" },
  {
    products: "a10 b-90",
    needs: ["a>b setup installed v1 before"],
    requests: "a !b:installed:0",
    output: "10:[b#0 a#1]",
  },
  { products: "a10 b90", needs: ["a>b setup setup after"], requests: "a", output: "90:[a#0 b#1]" },
  {
    products: "a0 b0",
    needs: ["a>b setup installed before", "b>a setup installed before"],
    requests: "a",
    output: "0:[b#0 a#1]",
  },
  {
    products: "a0 b0",
    needs: ["a>b setup installed before", "b>a setup installed before"],
    requests: "b",
    output: "0:[a#0 b#1]",
  },
  {
    products: "a0 b0 c0",
    needs: ["a>b setup installed before", "b>c setup installed before"],
    requests: "a",
    output: "0:[c#0 b#1 a#2]",
  },
  { products: "a10 b5", requests: "a:uninstall b:uninstall", output: "-5:[b:uninstall#0] -10:[a:uninstall#1]" },
  { products: "a0 b0", needs: ["a>b setup setup before"], requests: "a b:uninstall:installed", output: "0:[b#0 a#1]" },
  {
    products: "a0 b0",
    needs: ["a>b setup installed before"],
    requests: "a b:uninstall:installed:1",
    output: "0:[a#0 b:none#-1]",
  },
  {
    products: "a0 b0",
    needs: ["a>b setup installed before"],
    requests: "a",
    without: { b: ["setup"] },
    output: "0:[a#0]",
  },
  { products: "a0 b10", requests: "a:none b:none", output: "0:[a:none#-1] 0:[b:none#-1]" },
  {
    products: "a20 b-20 c-50",
    needs: ["a>b setup installed before", "a>c setup installed before"],
    requests: "a",
    output: "20:[b#0 c#1 a#2]",
  },
  {
    products: "a0 b10 c20 d30",
    needs: ["d>c setup installed before", "c>b setup installed before", "b>a setup installed before"],
    requests: "d",
    output: "30:[a#0 b#1 c#2 d#3]",
  },
  {
    products: "a0 b0 c0",
    needs: ["a>c setup installed before", "c>b setup installed before"],
    requests: "a",
    output: "0:[c#0 a#1 b#2]",
  },
  {
    products: "a0 b0 c0",
    needs: ["a>b setup installed before", "b>c setup installed before"],
    requests: "a !b:installed:1",
    output: "0:[a#0] 0:[c#1]",
  },
  { products: "a0 b0", needs: ["a>b setup setup before"], requests: "a b:update:installed", output: "0:[b#0 a#1]" },
  {
    products: "a30 b20",
    needs: ["a>b uninstall not_installed before"],
    requests: "a:uninstall:installed !b:installed:1",
    output: "-30:[b:uninstall#0 a:uninstall#1]",
  },
  {
    products: "a0 b50 c-20",
    needs: ["a>b setup setup after", "a>c setup setup after"],
    requests: "a",
    output: "50:[a#0 b#1 c#2]",
  },
  { products: "a0 b0 c0", requests: "c a b", output: "0:[c#0] 0:[a#1] 0:[b#2]" },
];

function depotOf({ products, needs = [], without = {} }: Vector): DepotProducts {
  const dependencies = needs.map(dependency);
  const all = products.split(" ").map((word) => {
    const [, id = "", priority = "0"] = /^(\w)(-?\d+)$/.exec(word) ?? [];
    const own = dependencies.filter(([from]) => from === id).map(([, needed]) => needed);
    return product(id, Number(priority), without[id] ?? [], own);
  });
  return new Map(all.map((entry) => [entry.id, entry]));
}

function poc(productId: string, actionRequest: string, status = "not_installed", productVersion?: string): OpsiObject {
  return fromHash(ProductOnClient, {
    productId,
    productType: "LocalbootProduct",
    clientId: "pc1.example.org",
    actionRequest,
    installationStatus: status,
    ...(productVersion === undefined ? {} : { productVersion }),
  });
}

test("a request that is repeated counts once", () => {
  const depot = depotOf({ products: "a0 b0", needs: ["a>b setup installed before"], requests: "", output: "" });
  const requests = Array.from({ length: 3 }, () => poc("a", "setup"));
  const actions = collectActions([...requests, poc("a", "uninstall")], depot, new Map());
  expect(actions.get("b")?.get("setup")?.from).toHaveLength(1);
  expect([...(actions.get("a")?.keys() ?? [])]).toEqual(["setup", "uninstall"]);
});

test.each(vectors.map((vector, index) => [index + 1, vector] as const))("vector %i", (_number, vector) => {
  const words = vector.requests.split(" ");
  const requests = words
    .filter((word) => !word.startsWith("!"))
    .map((word) => {
      const [id = "", action = "setup", status, version] = word.split(":");
      return poc(id, action, status, version);
    });
  const stored = words
    .filter((word) => word.startsWith("!"))
    .map((word): [string, OpsiObject] => {
      const [id = "", status, version] = word.slice(1).split(":");
      return [id, poc(id, "none", status, version)];
    });
  const groups = sequenceClient("pc1.example.org", requests, depotOf(vector), new Map(stored));
  const shown = groups.map(({ priority, productsOnClient }) => {
    const actions = productsOnClient.map(({ productId, actionRequest, actionSequence }) => {
      const action = actionRequest === "setup" ? "" : `:${actionRequest}`;
      return `${productId}${action}#${actionSequence}`;
    });
    return `${priority}:[${actions.join(" ")}]`;
  });
  expect(shown.join(" ")).toBe(vector.output);
});
