import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

interface Row {
  readonly id: string;
  readonly status: string;
  readonly message: string;
  readonly advice: string;
}

const check = async (...words: string[]) => {
  const { exitCode, out, errors } = await site.opsi("health-check", "--output", "json", ...words);
  return { exitCode, errors, rows: JSON.parse(out) as Row[] };
};

test("a site that is well: exit code 0, and progress is not in the answer", async () => {
  const { exitCode, rows, errors } = await check("--checks", "opsi_config,ssl,database,unique_*");
  expect(rows.map(({ id, status }) => [id, status])).toEqual([
    ["opsi_config", "ok"],
    ["ssl", "ok"],
    ["database", "ok"],
    ["unique_hardware_addresses", "ok"],
  ]);
  expect(exitCode).toBe(0);
  expect(errors).toBe("Checking the site ...\n");
});

test("a warning is 1, an error is 2; what was found stands below its check, with advice", async () => {
  await site.opsi("config", "set", "opsiclientd.global.verify_server_cert", "false");
  const warned = await check("--checks", "opsi_config");
  expect(warned.exitCode).toBe(1);
  expect(warned.rows).toMatchObject([
    { id: "opsi_config", status: "warning", advice: expect.stringContaining("opsi config set") },
    { id: "opsi_config:opsiclientd.global.verify_server_cert", status: "warning", advice: "" },
  ]);
  expect((await check("--checks", "opsi_config", "--detailed")).rows).toHaveLength(4);
  rmSync(join(site.root, "var/lib/opsi/workbench"), { recursive: true });
  const failed = await site.opsi("health-check", "--checks", "opsi_config,depotservers");
  expect(failed.exitCode).toBe(2);
  expect(failed.out).toMatch(/│ error\s+│ depotservers:workbench_path\s+│/);
  const skipped = await check("--skip-checks", "*");
  expect(skipped).toMatchObject({ exitCode: 0, rows: [] });
});

test("lines for Checkmk", async () => {
  const { out, exitCode } = await site.opsi("health-check", "--checkmk", "--checks", "depotservers,database");
  const [database, depots, ...more] = out.split("\n");
  expect(database).toBe("0 'opsi: Database' - No issues found.");
  expect(depots).toMatch(/^2 'opsi: Depots' - 1 issue\(s\) found\.\\n'.*\/workbench' is missing or no folder\.$/);
  expect(more).toEqual([""]);
  expect(exitCode).toBe(2);
});

test("what a later version will not have any more", async () => {
  expect(await check("--upgrade-check")).toMatchObject({ exitCode: 0, rows: [] });
  const methods = await site.json<{ name: string; drop_version: string | null; params: string[] }[]>(
    "jsonrpc",
    "methods",
  );
  const going = methods.find(
    ({ drop_version, params }) => drop_version !== null && params.every((p) => p.startsWith("*")),
  );
  if (going === undefined) throw new Error("no method has an end");
  await site.opsi("jsonrpc", "execute", going.name);
  const { exitCode, rows } = await check("--upgrade-check");
  expect(exitCode).toBe(1);
  expect(rows).toMatchObject([
    { id: "deprecated_calls", message: `1 issue(s) with opsi ${going.drop_version}.` },
    { id: `deprecated_calls:${going.name}`, upgradeIssue: going.drop_version },
  ]);
});

test("who may not administrate gets no answer, and that is no finding", async () => {
  await site.opsi("client", "create", "pc1.example.org");
  const [client] = await site.json<{ opsiHostKey: string }[]>(
    "jsonrpc",
    "execute",
    "host_getObjects",
    "[]",
    '{"id":"pc1.example.org"}',
  );
  const login = { OPSI_SERVICE: site.url, OPSI_USERNAME: "pc1.example.org", OPSI_PASSWORD: client?.opsiHostKey ?? "" };
  const refused = await site.opsiIn(
    login,
    "health-check",
    "--ca-file",
    join(site.root, "etc/opsi/ssl/opsi-ca-cert.pem"),
  );
  expect(refused).toMatchObject({ exitCode: 1, out: "" });
  expect(refused.errors).toContain("permission");
});
