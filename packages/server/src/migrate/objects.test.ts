import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { conversionFile } from "../backends/conversion.ts";
import { readSite, storagesOf } from "../convert/offline-site.ts";
import type { Deed } from "./deeds.ts";
import { moveObjects } from "./objects.ts";

test("a migration that ended right after the switch goes on", async () => {
  const root = mkdtempSync(join(tmpdir(), "move-objects-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const configuration = readSite(root);
  const { backendManager, state } = configuration.folders;
  for (const folder of [backendManager, state]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(backendManager, "dispatch.conf"), ".* : sqlite\n");
  const site = storagesOf(configuration, "opsi.example.org", () => {});
  const conversion = {
    from: "mysql://h/opsi",
    to: `sqlite:${join(state, "opsi.sqlite")}`,
    written: {},
    verified: true,
  };
  writeFileSync(conversionFile(site), JSON.stringify(conversion));
  const deeds: Deed[] = [];
  const migration = {
    ...{ from: root, root, dryRun: false, signal: new AbortController().signal },
    ...{ report: () => {}, note: (deed: Deed) => void deeds.push(deed) },
  };
  const wanted = { to: "sqlite", acceptLosses: false, problems: [] };
  expect(await moveObjects(migration, configuration, site, wanted)).toBe(null);
  expect(deeds).toMatchObject([{ state: "there", detail: "the site uses it already" }]);
  expect(existsSync(conversionFile(site))).toBe(false);
});
