import { existsSync, readdirSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test("a backup brings back what was deleted since", async () => {
  await site.opsi("client", "create", "kept.example.org", "--description", "before");
  await writeFile(join(site.folder, "backup.secret"), "of-the-backup\n");
  const secret = ["--backup-password-file", "backup.secret"];
  const made = await site.json<{ bytes: number }[]>("backup", "create", "site.backup", ...secret);
  expect(made).toMatchObject([{ encrypted: true }]);
  const content = await readFile(join(site.folder, "site.backup"));
  expect(content.length).toBe(made[0]?.bytes);
  expect((await stat(join(site.folder, "site.backup"))).mode & 0o777).toBe(0o600);
  expect(content.subarray(0, 12).toString()).toBe("{aes-256-gcm");
  expect(await site.opsi("backup", "create", "site.backup")).toMatchObject({ exitCode: 2 }); // nothing is overwritten

  await site.opsi("client", "set", "--clients", "kept.example.org", "--description", "after");
  await site.opsi("client", "create", "later.example.org");
  expect(await site.opsi("backup", "restore", "site.backup", ...secret)).toMatchObject({ exitCode: 2 });
  expect(await site.opsi("backup", "restore", "site.backup", "--yes")).toMatchObject({ exitCode: 1 });
  expect(await site.json("client", "list")).toHaveLength(2);
  await site.json("backup", "restore", "site.backup", ...secret, "--yes");
  expect(await site.json("client", "list")).toMatchObject([{ id: "kept.example.org", description: "before" }]);
  expect(existsSync(join(site.folder, "site.backup.part"))).toBe(false);
  // Neither what was fetched nor what was sent lies about any longer, not even of the restore that failed.
  expect(readdirSync(join(site.root, "var/lib/opsi/tmp/file-transfer"))).toEqual([]);
});

const counts = (answer: readonly { type: string; objects: number }[]) =>
  Object.fromEntries(answer.map(({ type, objects }) => [type, objects]));

test("a backup is verified without the service, and what is wrong in it is named", async () => {
  const secret = ["--backup-password-file", "backup.secret"];
  const verify = (...words: string[]) => site.opsi("backup", "verify", ...words, "--output", "json");
  const good = await verify("site.backup", ...secret);
  expect(good).toMatchObject({ exitCode: 0 });
  expect(good.errors).toMatch(/A backup of server\.example\.org, \d{4}-.* UTC, version 4\.3/);
  expect(counts(JSON.parse(good.out))).toMatchObject({
    Host: 2,
    Product: 0,
    "configuration files": expect.any(Number),
  });
  expect(await verify("site.backup")).toMatchObject({
    ...{ exitCode: 1, out: "" },
    errors: expect.stringContaining("Backup file is encrypted, but no password supplied"),
  });

  const host = { type: "OpsiClient", id: "pc1.example.org" };
  const document = {
    meta: { type: "opsiconfd_backup", version: "1", server_id: "gone.example.org" },
    objects: {
      Host: [host],
      Group: [{ type: "HostGroup", id: "ä/ö" }],
      ProductOnClient: [{ productId: "p", productType: "LocalbootProduct", clientId: "pc2.example.org" }],
    },
  };
  await writeFile(join(site.folder, "bad.json"), JSON.stringify(document));
  const bad = await verify("bad.json");
  expect(bad.exitCode).toBe(1);
  expect(bad.errors).toContain("Group 'ä/ö': Bad object id: 'ä/ö'\n");
  expect(bad.errors).toContain(
    "ProductOnClient 'p;LocalbootProduct;pc2.example.org' is left out: there is no HOST 'pc2",
  );
  expect(bad.errors).toContain("of 'gone.example.org', and does not contain this server");
  expect(bad.errors).toContain("3 problems: this backup cannot be restored as it is");

  const orphaned = {
    Host: [{ type: "OpsiConfigserver", id: "gone.example.org" }],
    ConfigState: [{ configId: "c", objectId: "o.p.q", values: [1] }],
  };
  await writeFile(join(site.folder, "orphan.json"), JSON.stringify({ ...document, objects: orphaned }));
  const tidy = await verify("orphan.json");
  expect(tidy).toMatchObject({
    exitCode: 0,
    errors: expect.stringContaining("the service will clean up 1, like c;o.p.q"),
  });
});
