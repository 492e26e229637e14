import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCaFile } from "@opsi-ts/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linux } from "./platform/linux.ts";
import { type RegisterOptions, registerAgent } from "./register-agent.ts";
import { hostKey, TestService } from "./testing/test-service.ts";

let root: string;
let service: TestService;
let options: RegisterOptions;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "opsi-register-"));
  service = await TestService.open();
  options = { root, url: service.url, username: "admin", password: "secret", clientId: "PC_2" };
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const configuration = () => readFile(linux.folders(root).configurationFile, "utf8");

test("nobody is trusted without being asked for", async () => {
  await expect(registerAgent(options)).rejects.toThrow(/No CA certificate/);
  expect(service.calls).toEqual([]);
});

test("an administrator makes a client; the fingerprint is told, the key kept for root alone", async () => {
  const told: string[] = [];
  const registration = await registerAgent({
    ...options,
    trust: true,
    onTrust: (fingerprint) => told.push(fingerprint),
  });
  expect(registration).toMatchObject({ clientId: "pc-2.example.org", created: true });
  expect(told).toEqual([service.ca.fingerprint]);
  expect(service.hosts.get("pc-2.example.org")).toMatchObject({ type: "OpsiClient" });
  expect(await configuration()).toContain(`opsi_host_key = ${hostKey}`);
  expect(await configuration()).toContain(`url = ${service.url}`);
  expect(await configuration()).toContain("verify_server_cert = true");

  // A second time nothing is created and nobody has to be trusted again.
  expect(await registerAgent(options)).toMatchObject({ created: false });
});

test("whoever does not like the fingerprint changes nothing", async () => {
  await expect(registerAgent({ ...options, trust: true, onTrust: () => false })).rejects.toThrow(/was refused/);
  expect(service.calls).toEqual([]);
  await expect(configuration()).rejects.toThrow();
});

test("a CA file instead of trust; a wrong one is noticed", async () => {
  const caFile = join(root, "ca.pem");
  await writeFile(caFile, service.ca.pem);
  expect(await registerAgent({ ...options, caFile })).toMatchObject({ created: true });
  await using other = await TestService.open();
  await writeFile(caFile, other.ca.pem);
  await expect(registerAgent({ ...options, caFile })).rejects.toMatchObject({ class: "OpsiServiceVerificationError" });
  // The agent that works already goes on working.
  expect(await readCaFile(join(linux.folders(root).certificateFolder, "opsi-ca-cert.pem"))).toBe(service.ca.pem);
});

test("the client itself, with its key", async () => {
  const registration = await registerAgent({
    ...options,
    clientId: "pc1.example.org",
    username: "pc1.example.org",
    password: hostKey,
    trust: true,
  });
  expect(registration).toMatchObject({ clientId: "pc1.example.org", created: false });
});

test("a host key that the agent could not use is no success", async () => {
  service.hosts.set("pc-2.example.org", { type: "OpsiClient", id: "pc-2.example.org", opsiHostKey: "short" });
  await expect(registerAgent({ ...options, trust: true })).rejects.toThrow(/not 32 hexadecimal digits/);
});

test("a server is no client, a wrong password no administrator", async () => {
  await expect(registerAgent({ ...options, clientId: "server.example.org", trust: true })).rejects.toThrow(
    /name of a server/,
  );
  await expect(registerAgent({ ...options, password: "no", trust: true })).rejects.toMatchObject({
    class: "OpsiServiceAuthenticationError",
  });
});
