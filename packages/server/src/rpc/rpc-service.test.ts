import { expect, test } from "vitest";
import { testSession } from "../auth/test-session.ts";
import { openTestRpc } from "./test-rpc.ts";

const request = { contentType: "application/json", contentEncoding: "", accept: "", acceptEncoding: "" };

test("the answers to a batch of a user without rights have a limit, whatever they are made of", async () => {
  await using site = await openTestRpc();
  const calls = Array.from({ length: 600 }, (_, id) => ({ id, method: "backend_getInterface" }));
  const body = Buffer.from(JSON.stringify(calls));
  const user = testSession({ username: "user" });
  const answer = await site.service.answer({ ...request, body, userAgent: "", query: "" }, user);
  const answers = JSON.parse(Buffer.from(answer.body).toString()) as {
    id: number;
    error: { message: string } | null;
  }[];
  expect(answers.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
  expect(answers[0]?.error).toBeNull();
  expect(answers.at(-1)?.error?.message).toContain("send fewer calls at once");
  expect(answer.body.length).toBeLessThan(70_000_000);
});

const program = { type: "AuditSoftware", name: "a", version: "1", subVersion: "", language: "", architecture: "x64" };

const many = <T>(one: T, last: unknown) => [...Array.from({ length: 60_000 }, () => one), last];
const own = "pc1.example.org";
const device = { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: own };

test.each<[method: string, params: Record<string, unknown>]>([
  ["auditSoftware_createObjects", { auditSoftwares: many(program, "no object") }],
  ["auditHardwareOnHost_createObjects", { auditHardwareOnHosts: many(device, "no object") }],
  ["setSoftwareInformation", { hostId: own, info: { ...many({}, { installSize: "no number" }) } }],
  ["setHardwareInformation", { hostId: own, info: { BIOS: many({}, { state: "no number" }) } }],
])("others get their turn while %s reads what is wrong at its end, also when it is named", async (method, params) => {
  await using site = await openTestRpc({ clients: [own] });
  const body = Buffer.from(JSON.stringify({ method, params }));
  const client = testSession({ username: own, hostId: own, hostType: "OpsiClient" });
  let turns = 0;
  const counting = setInterval(() => turns++);
  const answer = await site.service.answer({ ...request, body, userAgent: "", query: "" }, client);
  clearInterval(counting);
  expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({
    error: { class: expect.stringMatching(/^(Value|Type)Error$/) },
  });
  expect(turns).toBeGreaterThan(5);
});
