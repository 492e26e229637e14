import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditPage } from "../audit/read-trail.ts";
import { openCore } from "../open-core.ts";
import { admin, startTestSite, type TestSite } from "./test-site.ts";

const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite([], openCore);
});
afterAll(() => site[Symbol.asyncDispose]());

async function call<T>(method: string, ...params: unknown[]): Promise<T> {
  const answer = await site.send("POST", "/rpc", { login: admin, json: { id: 1, method, params } });
  const { result, error } = answer.json() as { result: T; error?: { message: string } | null };
  if (error) throw new Error(error.message);
  return result;
}

const records = async (filter: Record<string, string>) => (await call<AuditPage>("audit_getRecords", filter)).records;

test("a change is recorded whether it came by RPC, by the administration's REST or by a login", async () => {
  await call("host_createObjects", [{ type: "OpsiClient", id: "pc1.corpus.test", opsiHostKey: key }]);
  expect(await records({ ident: "pc1.corpus.test" })).toMatchObject([
    { user: "adminuser", host: null, address: "127.0.0.1", method: "host_createObjects" },
  ]);

  const json = { id: "depot1.corpus.test" };
  expect((await site.send("POST", "/admin/depot-create", { login: admin, json })).status).toBeLessThan(300);
  expect(await records({ ident: "depot1.corpus.test", objectType: "Host" })).toMatchObject([
    { user: "adminuser", method: "POST /admin/depot-create" },
  ]);

  const headers = { "x-forwarded-for": "10.11.12.13" };
  const login = () => site.send("HEAD", "/rpc", { login: `pc1.corpus.test:${key}`, headers });
  expect((await login()).status).toBe(200);
  const ofClient = await records({ host: "pc1.corpus.test" });
  expect(ofClient).toMatchObject([{ user: null, address: "10.11.12.13", method: "login", type: "Host" }]);
  expect(ofClient[0]?.changes).toEqual([
    { ident: "pc1.corpus.test", before: { ipAddress: null }, after: { ipAddress: "10.11.12.13" } },
  ]);
  await login(); // seen again, nothing else
  expect(await records({ host: "pc1.corpus.test" })).toEqual(ofClient);
  // Many logins, the first of which made the user known; when the last one was is no change.
  expect(await records({ user: "adminuser", method: "login" })).toMatchObject([
    { type: "User", changes: [{ ident: "adminuser", before: null }] },
  ]);
});

test("what the service does by itself is nobody's", async () => {
  const [first] = await records({ objectType: "Host" });
  expect(first).toMatchObject({ user: null, host: null, address: null, method: "service" });
  expect(first?.changes[0]?.ident).toBe("server.corpus.test");
});
