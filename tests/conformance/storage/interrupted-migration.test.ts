import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { readObjects } from "../../../packages/server/src/backup/site-objects.ts";
import { openCorpus } from "../open-corpus.ts";
import { loaded, withoutLoss } from "./play-databases.ts";
import { differences } from "./recorded-objects.ts";
import { readJson } from "./recordings.ts";

test("bringing a database up to date goes on after the database was killed", { timeout: 60_000 }, async () => {
  await using corpus = await openCorpus("storage");
  await using server = await TestMariaDb.start();
  const recorded = (name: string) => join(corpus.directory, "mysql-4.2", name);
  const opening = MySqlStorage.open(await loaded(server, recorded("site.sql.gz")));
  for (const milliseconds of [150, 300, 600]) {
    await setTimeout(milliseconds);
    await server.end("SIGKILL");
    await server.startAgain();
  }
  await using storage = await opening;
  const wanted = withoutLoss(await readJson(recorded("before.json.gz")), await readJson(recorded("after.json.gz")));
  const found = await readObjects(storage);
  for (const [name, objects] of Object.entries(wanted)) {
    expect(
      differences(objects, found[name] ?? [], (hash) => hash),
      name,
    ).toBe("");
  }
});
