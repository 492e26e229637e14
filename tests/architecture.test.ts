import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** Which packages a package may import. Nothing below knows what is above. */
const mayImport: Record<string, readonly string[]> = {
  logging: [],
  model: [],
  protocol: ["model"],
  "opsi-package": ["model", "protocol"],
  "opsi-script": ["logging", "model", "protocol"],
  cli: ["model", "protocol", "opsi-package"],
  server: ["logging", "model", "protocol", "opsi-package"],
  agent: ["logging", "model", "protocol", "opsi-package", "opsi-script"],
};

/** The folders of the server from top to bottom: a folder imports itself and what stands below it. */
const serverLayers = [
  ["main.ts", "run-server.ts", "start-server.ts", "open-core.ts", "core.ts", "verify-backup.ts"],
  ["http"],
  ["extend"],
  ["rpc"],
  ["methods", "health", "clean-up"],
  ["access-control", "backup", "convert", "depot", "host-control", "migrate"],
  ["installation"],
  ["setup"],
  ["auth"],
  ["audit"],
  ["backends"],
  ["offline"],
  ["certificates"],
  ["configuration"],
];

const importPattern = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

function importsOf(pattern: string): { file: string; source: string; target: string }[] {
  return globSync(pattern).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(importPattern)].map(([, source = ""]) => ({
      file,
      source,
      target: source.startsWith(".") ? join(dirname(file), source) : source.replace("@opsi-ts/", "packages/"),
    })),
  );
}

test("packages import only what lies below them", () => {
  const imports = importsOf("packages/*/src/**/*.ts");
  expect(imports.length).toBeGreaterThan(100);
  const wrong = imports.filter(({ file, source, target }) => {
    const owner = file.split("/")[1] ?? "";
    const imported = /^packages\/([^/]+)/.exec(target)?.[1] ?? (source.startsWith(".") ? "what is no package" : owner);
    return imported !== owner && !mayImport[owner]?.includes(imported);
  });
  expect(wrong).toEqual([]);
});

/** Tests, and what only tests use, may start everything. */
const isTest = (file: string) => /\.test\.ts$|\/test-[^/]*$|\/testing\//.test(file);

test("programs do not need what is there for tests", () => {
  const imports = importsOf("packages/*/src/**/*.ts").filter(({ file }) => !isTest(file));
  expect(imports.filter(({ target }) => target.startsWith("packages/") && isTest(target))).toEqual([]);
});

test("ARCHITECTURE.md tells of every package and every folder of the server", () => {
  expect(readdirSync("packages").sort()).toEqual(Object.keys(mayImport).sort());
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const names = [...Object.keys(mayImport), ...serverLayers.flat().map((name) => name.replace(/^[^.]+$/, "$&/"))];
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test("inside the server, imports go downwards", () => {
  const layerOf = (path: string) => {
    const folder = path.split("/")[3] ?? "";
    return serverLayers.findIndex((layer) => layer.includes(folder));
  };
  const imports = importsOf("packages/server/src/**/*.ts").filter(
    ({ file, target }) => !isTest(file) && target.startsWith("packages/server/src/"),
  );
  expect(imports.length).toBeGreaterThan(50);
  const unknown = imports.filter(({ file, target }) => layerOf(file) < 0 || layerOf(target) < 0);
  expect(unknown).toEqual([]);
  const upwards = imports.filter(({ file, target }) => layerOf(target) < layerOf(file));
  expect(upwards).toEqual([]);
});
