import { isOpsiError } from "@opsi-ts/model";
import { expect, test } from "vitest";
import type { HostDirectory, HostKey, HostRecord } from "./host-directory.ts";
import { isHostName, logInHost } from "./host-login.ts";

const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
type Known = HostRecord & { hardwareAddress?: string; systemUUID?: string };

function directory(...hosts: Partial<Known>[]) {
  const known = hosts.map(
    (host): Known => ({
      id: "pc1.example.org",
      type: "OpsiClient",
      opsiHostKey: key,
      oneTimePassword: null,
      ipAddress: null,
      ...host,
    }),
  );
  const calls: string[] = [];
  const face: HostDirectory = {
    findHosts: (by: HostKey) => {
      const [[name, value] = ["", ""]] = Object.entries(by);
      return known.filter((host) => host[name as keyof Known] === value);
    },
    existing: async () => new Set(),
    noteLogin: () => undefined,
    clearOneTimePassword: (id) => void calls.push(`cleared ${id}`),
    createClient: (client) => {
      calls.push(`created ${client.id}`);
      return { type: "OpsiClient", oneTimePassword: null, ipAddress: null, ...client };
    },
  };
  return { face, calls };
}

const settings = { hostKeyOnly: false, recoverClients: false };
const uuid = "4c4c4544-0051-3610-8051-b2c04f384832";

test.each<[name: string, method: string, newHostId: string | null]>([
  ["pc1.example.org", "host_id", null],
  ["pc1.example.org..", "host_id", null],
  ["52:54:00:aa:bb:01", "hardware_address", "pc1.example.org"],
  ["{hardware_address}525400aabb01", "hardware_address", "pc1.example.org"],
  ["{hardware_address}52-54-00-aa-bb-01", "hardware_address", "pc1.example.org"],
  [`{system_uuid}${uuid}`, "system_uuid", "pc1.example.org"],
])("%s is found", async (name, method, newHostId) => {
  const { face } = directory({ hardwareAddress: "52:54:00:aa:bb:01", systemUUID: uuid });
  const login = await logInHost(name, key, "", face, settings);
  expect([...login.methods]).toEqual([method, "host_key"]);
  expect(login.newHostId).toBe(newHostId);
});

test.each<[what: string, name: string, password: string, host: Partial<Known>]>([
  ["a wrong key", "pc1.example.org", `${key.slice(0, 31)}1`, {}],
  ["a key in upper case", "pc1.example.org", key.toUpperCase(), {}],
  ["an unknown host", "pc2.example.org", key, {}],
  ["a wildcard", "pc*.example.org", key, {}],
  ["an address that is none", "{hardware_address}nothing", key, {}],
  ["a host without key", "pc1.example.org", "", { opsiHostKey: null }],
  ["an empty one-time password", "pc1.example.org", "x", { oneTimePassword: "" }],
  ["a one-time password of a depot", "pc1.example.org", "once", { oneTimePassword: "once", type: "OpsiDepotserver" }],
])("%s fails", async (_what, name, password, host) => {
  const error = await logInHost(name, password, "", directory(host).face, settings).catch((thrown: unknown) => thrown);
  expect(isOpsiError(error, "OpsiServiceAuthenticationError")).toBe(true);
});

test("two hosts with the same address: nobody gets in", async () => {
  const hardwareAddress = "52:54:00:aa:bb:01";
  const { face } = directory({ hardwareAddress }, { id: "pc2.example.org", hardwareAddress });
  await expect(logInHost(hardwareAddress, key, "", face, settings)).rejects.toThrow("failed");
});

test("a one-time password works once", async () => {
  const { face, calls } = directory({ oneTimePassword: "once:only" });
  const { methods } = await logInHost("pc1.example.org", "once:only", "", face, settings);
  expect(methods.has("password_onetime")).toBe(true);
  expect(calls).toEqual(["cleared pc1.example.org"]);
});

test("with recover-clients an unknown opsiclientd becomes a client, anybody else does not", async () => {
  const { face, calls } = directory();
  const recover = { ...settings, recoverClients: true };
  await logInHost("new.example.org", key, "opsiclientd/4.3 (Windows)", face, recover);
  await expect(logInHost("other.example.org", key, "curl/8", face, recover)).rejects.toThrow("failed");
  await expect(logInHost("other.example.org", "secret", "opsiclientd/4.3", face, recover)).rejects.toThrow("failed");
  expect(calls).toEqual(["created new.example.org"]);
});

test("the key alone finds the host if the option allows it", async () => {
  const { face } = directory({});
  const login = await logInHost("whatever", key, "", face, { ...settings, hostKeyOnly: true });
  expect(login).toMatchObject({ newHostId: "pc1.example.org", host: { id: "pc1.example.org" } });
});

test.each([
  ["", true],
  ["pc1.example.org", true],
  ["52:54:00:aa:bb:01", true],
  ["{system_uuid}x", true],
  ["192.0.2.1", true],
  ["a..b.c", true],
  ["admin", false],
  ["first.last", false],
])("%j means a host: %s", (name, expected) => {
  expect(isHostName(name)).toBe(expected);
});
