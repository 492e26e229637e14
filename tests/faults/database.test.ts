import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { testServers } from "../../packages/server/src/backends/sql/remote/test-servers.ts";
import { admin, FaultSite, type RpcAnswer } from "./fault-site.ts";

/* Servers that have their objects in one database, which ends and starts again under them. */

const pool = "p_office";
const licenses = 12;
const clients = Array.from({ length: 40 }, (_, index) => `pc${index}.corpus.test`);

async function seedLicenses(site: FaultSite): Promise<void> {
  await site.must(
    "host_createObjects",
    clients.map((id) => ({ type: "OpsiClient", id })),
  );
  await site.must("licenseContract_create", "c_1");
  await site.must("softwareLicense_createVolume", "l_1", "c_1", licenses);
  await site.must("licensePool_create", pool);
  await site.must("softwareLicenseToLicensePool_create", "l_1", pool, "KEY-1");
}

/** Asks until there is a license or none is left: what was lost is asked for again. */
async function askForLicense(site: FaultSite, clientId: string): Promise<RpcAnswer> {
  for (;;) {
    const answer = await site.call(admin, "licenseOnClient_getOrCreateObject", clientId, pool).catch(() => null);
    if (answer && answer.error?.class !== "BackendTemporaryError") return answer;
    await setTimeout(50);
  }
}

const names = "two servers on one %s never give away more licenses than there are, also when it is killed";
test.each(testServers)(names, async (_name, { start, scheme }) => {
  await using database = await start();
  const { database: name, address, username } = database.newDatabase();
  const words = [`--${scheme}-internal-url`, `${scheme}://${username}@localhost/${name}?password=&address=${address}`];
  await using one = await FaultSite.start({ words });
  await using other = await FaultSite.start({ words });
  await seedLicenses(one);
  const asking = clients.map((id, index) => askForLicense(index % 2 === 0 ? one : other, id));
  await Promise.any(asking);
  await database.end("SIGKILL");
  await database.startAgain();
  const answers = await Promise.all(asking);
  const refused = answers.flatMap(({ error }) => error?.class ?? []);
  expect(refused).toEqual(Array(clients.length - licenses).fill("LicenseMissingError"));
  expect(await other.must("licenseOnClient_getObjects")).toHaveLength(licenses);
});
