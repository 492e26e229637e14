import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark, Measurement } from "./benchmark.ts";

/**
 * `npm run bench -- [--only NAME] [--json FILE]`: measures the hot paths against anchors in the same run. How large the
 * sites of `site-size` are say `--clients`, `--products`, `--products-per-client` and `--states-per-client`.
 */
const benchmarks: Record<string, () => Promise<{ benchmark: Benchmark }>> = {
  "one-host": () => import("./one-host.ts"),
  "bulk-read": () => import("./bulk-read.ts"),
  audit: () => import("./audit.ts"),
  package: () => import("./package.ts"),
  "site-size": () => import("./site-size.ts"),
  "site-size-mariadb": async () => ({ benchmark: (await import("./site-size.ts")).onMariadb }),
  "site-size-postgresql": async () => ({ benchmark: (await import("./site-size.ts")).onPostgresql }),
  download: () => import("./download.ts"),
};

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "string" },
    clients: { type: "string", default: "10000" },
    products: { type: "string", default: "300" },
    "products-per-client": { type: "string", default: "200" },
    "states-per-client": { type: "string", default: "100" },
  },
});
if (values.only !== undefined && !Object.hasOwn(benchmarks, values.only)) {
  console.error(`--only takes one of: ${Object.keys(benchmarks).join(", ")}`);
  process.exit(2);
}
const provision = join(import.meta.dirname, "../../tools/provision.ts");
const { status } = spawnSync(process.execPath, [provision, "bench"], { stdio: "inherit" });
if (status !== 0) process.exit(1);

function count(name: "clients" | "products" | "products-per-client" | "states-per-client"): number {
  const text = values[name];
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  console.error(`--${name} takes a number, not '${text}'`);
  process.exit(2);
}

const sizes = {
  clients: count("clients"),
  products: count("products"),
  productsPerClient: count("products-per-client"),
  configStatesPerClient: count("states-per-client"),
};
const format = (value: number, unit: string) => `${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
const measurements: Measurement[] = [];
const chosen = Object.entries(benchmarks).filter(([name]) => values.only === undefined || values.only === name);
for (const [name, load] of chosen) {
  const { benchmark } = await load();
  measurements.push(...(await benchmark.run((text) => console.error(`${name}: ${text}`), sizes)));
}

console.table(
  measurements.map(({ work, ours, anchor, anchorName, unit, ratio, aim }) => ({
    work,
    ours: format(ours, unit),
    anchor: `${format(anchor, unit)} (${anchorName})`,
    ratio: Number(ratio.toFixed(2)),
    aim,
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(measurements, null, 2)}\n`);
