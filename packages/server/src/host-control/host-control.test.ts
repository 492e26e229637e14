import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authoritySubject, hostSubject, issueAuthority, issueHost } from "../certificates/issue.ts";
import { encodePrivateKey, generateEcKeyPair, generateRsaKeyPair } from "../certificates/key-pair.ts";
import { readHostControlSettings } from "../configuration/host-control-settings.ts";
import { type ControlledHost, HostControl } from "./host-control.ts";
import { inParallel } from "./in-parallel.ts";
import { broadcastTargets, magicPacket } from "./wake-on-lan.ts";

const hostId = "pc1.example.org";
const hostKey = "0123456789abcdef0123456789abcdef";

async function newAuthority() {
  const keys = await generateRsaKeyPair(2048);
  const subject = authoritySubject("server.example.org", "opsi CA");
  const certificate = await issueAuthority({ keys, subject, validDays: 10, permittedDomains: [] });
  return { keys, raw: new X509Certificate(certificate).raw, certificate };
}

type Answer = (body: { method: string; params: unknown[] }) => { status?: number; text: string } | null;

/** An agent's control server; remembers what it was sent. */
interface Agent extends AsyncDisposable {
  readonly port: number;
  readonly received: { authorization: string | undefined; method: string; params: unknown[] }[];
  answer: Answer;
}

const ok: Answer = ({ method, params }) => ({
  text: JSON.stringify({ jsonrpc: "2.0", id: 1, result: { method, params } }),
});

async function startAgent(authority: Awaited<ReturnType<typeof newAuthority>>, name: string): Promise<Agent> {
  const keys = await generateEcKeyPair();
  const subject = hostSubject(name, "server.example.org");
  const cert = await issueHost({ authority, keys, subject, names: [name, "127.0.0.1"], validDays: 1 });
  const server: Server = createServer({ key: encodePrivateKey(keys.privateKey, ""), cert });
  const received: Agent["received"] = [];
  const agent = { answer: ok };
  server.on("request", async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    received.push({ authorization: request.headers.authorization, method: body.method, params: body.params });
    const answer = agent.answer(body);
    if (answer === null) return; // never answers
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
    response.end(answer.text);
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(agent, {
    port: (server.address() as AddressInfo).port,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

let authority: Awaited<ReturnType<typeof newAuthority>>;
let foreign: Awaited<ReturnType<typeof newAuthority>>;
let agent: Agent;
beforeAll(async () => {
  [authority, foreign] = await Promise.all([newAuthority(), newAuthority()]);
  agent = await startAgent(authority, hostId);
});
afterAll(() => agent[Symbol.asyncDispose]());

const settings = { ...readHostControlSettings("/nowhere"), rpcTimeout: 5, reachableTimeout: 1 };
const control = (anyCertificate = false) =>
  new HostControl({ settings: () => settings, authority: async () => authority.certificate, anyCertificate });
const host = (port: number, changes: Partial<ControlledHost> = {}): ControlledHost => ({
  ...{ id: hostId, ipAddress: "127.0.0.1", hostKey, port },
  ...changes,
});
const callOne = async (target: ControlledHost, options: { any?: boolean; seconds?: number } = {}) =>
  (await control(options.any).call([target], "fireEvent", () => ["on_demand"], options.seconds)).get(target.id);

test("a call with the host key as password of an empty user name", async () => {
  agent.received.length = 0;
  expect(await callOne(host(agent.port))).toEqual({
    result: { method: "fireEvent", params: ["on_demand"] },
    error: null,
  });
  const authorization = `Basic ${Buffer.from(`:${hostKey}`).toString("base64")}`;
  expect(agent.received).toEqual([{ authorization, method: "fireEvent", params: ["on_demand"] }]);
});

test("the host key is not sent to a peer with a certificate of another CA", async () => {
  await using impostor = await startAgent(foreign, hostId);
  const result = await callOne(host(impostor.port));
  expect(result?.error).toMatch(/is not signed by the opsi CA .* the host key was not sent$/);
  expect(impostor.received).toEqual([]);
});

test("the host key is not sent to a peer with the certificate of another host of the site", async () => {
  await using other = await startAgent(authority, "pc2.example.org");
  const result = await callOne(host(other.port));
  expect(result?.error).toMatch(/was issued for another host; the host key was not sent$/);
  expect(other.received).toEqual([]);
});

test("a site can choose to trust every peer", async () => {
  await using selfMade = await startAgent(foreign, "whatever.example.org");
  expect(await callOne(host(selfMade.port), { any: true })).toMatchObject({ error: null });
  expect(selfMade.received).toHaveLength(1);
});

test.each<[what: string, answer: Answer, error: RegExp]>([
  ["an error of the agent", () => ({ text: '{"error":{"message":"No event","code":0}}' }), /No event$/],
  ["an error of an old agent", () => ({ text: '{"error":"No event","result":null}' }), /No event$/],
  ["a key that is not accepted", () => ({ status: 401, text: "Authentication error" }), /refuses the host key/],
  ["something that is no JSON", () => ({ status: 500, text: "<html>" }), /status 500 and no JSON/],
  ["an answer without end", () => ({ text: "x".repeat(17_000_000) }), /too long/],
])("%s is the result of this host", async (_what, answer, error) => {
  agent.answer = answer;
  const result = await callOne(host(agent.port));
  agent.answer = ok;
  expect(result).toEqual({ result: null, error: expect.stringMatching(error) });
});

test("an agent that does not answer is given up", async () => {
  agent.answer = () => null;
  const result = await callOne(host(agent.port), { seconds: 0.2 });
  agent.answer = ok;
  expect(result).toEqual({ result: null, error: "timed out after 0.20 seconds" });
});

test.each<[what: string, changes: Partial<ControlledHost>, error: string | RegExp]>([
  ["no address", { ipAddress: null }, `Backend unaccomplishable error: Failed to get ip address for host '${hostId}'`],
  ["no key", { hostKey: null }, `Backend missing data error: Failed to get opsi host key for host '${hostId}'`],
  ["nobody listens", { port: 1 }, /ECONNREFUSED/],
])("%s is an error of this host alone", async (_what, changes, error) => {
  const good = host(agent.port, { id: "pc1.example.org" });
  const bad = host(agent.port, { id: "pc9.example.org", ...changes });
  const results = await control().call([bad, good], "uptime", () => []);
  expect(results.get(hostId)).toMatchObject({ error: null });
  const text = results.get("pc9.example.org")?.error?.replace("pc9.", "pc1.");
  expect(text).toEqual(typeof error === "string" ? error : expect.stringMatching(error));
});

test("reachable is whether somebody listens", async () => {
  const results = await control().reachable([
    host(agent.port),
    host(1, { id: "pc2.example.org" }),
    host(agent.port, { id: "pc3.example.org", ipAddress: null }),
  ]);
  expect([...results.values()]).toEqual([true, false, false]);
});

test("no more than the limit at a time, results in order", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 3, 2, 4], 2, async (delay) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, delay));
    running--;
    return delay * 10;
  });
  expect(results).toEqual([50, 10, 30, 20, 40]);
  expect(most).toBe(2);
});

test("the packet that wakes", () => {
  const packet = magicPacket("52:54:00:aa:bb:cc");
  expect(packet).toHaveLength(102);
  expect(packet.toString("hex")).toBe("ff".repeat(6) + "525400aabbcc".repeat(16));
  expect(() => magicPacket("52:54")).toThrow("Not a hardware address");
});

const networks = new Map([
  ["0.0.0.0/0", new Map([["255.255.255.255", [9]]])],
  ["10.1.0.0/16", new Map([["10.1.255.255", [7, 9]]])],
]);
test.each<[address: string | null, targets: string[]]>([
  ["10.1.2.3", ["10.1.255.255"]],
  ["192.168.1.1", ["255.255.255.255"]],
  ["fd00::1", ["255.255.255.255", "10.1.255.255"]],
  [null, ["255.255.255.255", "10.1.255.255"]],
])("broadcasts for %s", (address, targets) => {
  expect(broadcastTargets(networks, address).map((target) => target.address)).toEqual(targets);
});
