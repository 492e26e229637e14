import type { PackageDependency } from "@opsi-ts/opsi-package";
import { expect, test } from "vitest";
import { type Dependent, orderPackages, unmetDependencies } from "./order-packages.ts";

const one = (productId: string, ...dependencies: (string | PackageDependency)[]): Dependent => ({
  productId,
  version: "1.0-1",
  dependencies: dependencies.map((dependency) =>
    typeof dependency === "string" ? { package: dependency, version: null, condition: null } : dependency,
  ),
});

test("what others need comes first, the rest stays as typed", () => {
  const ordered = orderPackages([one("z", "b"), one("a"), one("b", "c", "elsewhere"), one("c")]);
  expect(ordered.map(({ productId }) => productId)).toEqual(["c", "b", "z", "a"]);
});

test("a circle and a product given twice are refused", () => {
  expect(() => orderPackages([one("a", "b"), one("b", "a")])).toThrow("a -> b -> a");
  expect(() => orderPackages([one("a"), one("a")])).toThrow("'a' is given twice");
});

test.each<[what: string, ordered: Dependent[], installed: [string, string][], unmet: string[]]>([
  ["given", [one("b"), one("a", "b")], [], []],
  ["installed", [one("a", "b")], [["b", "3.0-1"]], []],
  ["neither", [one("a", "b")], [], ["'a' needs 'b', which is neither given nor installed"]],
  [
    "too old",
    [one("a", { package: "b", version: "2.0-1", condition: ">=" })],
    [["b", "1.9-9"]],
    ["'a' needs 'b' (>= 2.0-1), but there is 1.9-9"],
  ],
  ["no condition means exactly", [one("a", { package: "b", version: "1", condition: null })], [["b", "1.0"]], []],
])("dependency %s", (_what, ordered, installed, unmet) => {
  expect(unmetDependencies(ordered, new Map(installed))).toEqual(unmet);
});
