import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Program } from "../program.ts";
import { TestSite } from "./site.ts";

const cliMain = join(import.meta.dirname, "../../packages/cli/src/main.ts");

test("a site moves to the files of 4.2, though the power fails in between, and serves the same", {
  timeout: 120_000,
}, async () => {
  await using site = await TestSite.start();
  await site.opsi("dev", "generate", "--clients", "100", "--products", "10", "--yes");
  const before = await site.call("host_getObjects", []);
  const states = await site.call<unknown[]>("productOnClient_getObjects", []);
  const words = ["backend", "convert", "--from", "sqlite", "--to", "file", "--switch"];

  const running = await site.tryOpsi(...words);
  expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining("stop it first") });
  await site.server.stop();

  const started = new Program(process.execPath, [cliMain, ...words, "--root", site.root], { HOME: site.folder });
  const journal = join(site.root, "var/lib/opsi/conversion.json");
  while (!existsSync(journal)) await setTimeout(10);
  await started.powerOff();
  expect(existsSync(join(site.root, "var/lib/opsi/config"))).toBe(false);

  const rows = JSON.parse(await site.opsi(...words, "--output", "json")) as { type: string; same: boolean }[];
  expect(rows.filter(({ same }) => !same)).toEqual([]);
  expect(rows.map(({ type }) => type)).toContain("ProductOnClient");

  await site.restart();
  expect(existsSync(join(site.root, "var/lib/opsi/config/clients"))).toBe(true);
  const sorted = (list: unknown) => (list as { id: string }[]).toSorted((a, b) => a.id.localeCompare(b.id));
  expect(sorted(await site.call("host_getObjects", []))).toEqual(sorted(before));
  expect(await site.call<unknown[]>("productOnClient_getObjects", [])).toHaveLength(states.length);
});
