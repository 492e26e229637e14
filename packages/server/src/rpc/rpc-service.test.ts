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

test.each([
  ["auditSoftware_createObjects", "auditSoftwares", program],
  ["auditHardwareOnHost_createObjects", "auditHardwareOnHosts", { type: "AuditHardwareOnHost", hardwareClass: "BIOS" }],
])("others get their turn while the long list of %s is read, also when it is named", async (method, name, object) => {
  const id = "pc1.example.org";
  await using site = await openTestRpc({ clients: [id] });
  const objects = Array.from({ length: 60_000 }, () => ({ ...object, hostId: id }));
  const body = Buffer.from(JSON.stringify({ method, params: { [name]: [...objects, "no object"] } }));
  const client = testSession({ username: id, hostId: id, hostType: "OpsiClient" });
  let turns = 0;
  const counting = setInterval(() => turns++);
  const answer = await site.service.answer({ ...request, body, userAgent: "", query: "" }, client);
  clearInterval(counting);
  expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({
    error: { class: expect.stringMatching(/^(Value|Type)Error$/) },
  });
  expect(turns).toBeGreaterThan(5);
});
