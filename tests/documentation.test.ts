import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { serverOptions } from "../tools/write-server-options.ts";

test("the reference of the server's options is current", () => {
  expect(readFileSync("docs/server-options.md", "utf8")).toBe(serverOptions);
});

test("links between documents lead somewhere", () => {
  const documents = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "products/*.md"]);
  expect(documents.length).toBeGreaterThan(5);
  const broken = documents.flatMap((document) => {
    const links = [...readFileSync(document, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
    const targets = links.map(([, target = ""]) => join(dirname(document), target));
    return targets.filter((target) => !existsSync(target)).map((target) => `${document}: ${target}`);
  });
  expect(broken).toEqual([]);
});
