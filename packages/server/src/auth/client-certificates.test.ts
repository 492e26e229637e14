import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, startTestSite, type TestSite } from "../http/test-site.ts";
import { openCore } from "../open-core.ts";

const [pc1, pc2, depot1] = ["pc1.corpus.test", "pc2.corpus.test", "depot1.corpus.test"];
const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const passphrase = "of the authority";

let folder = "";
let site: TestSite;
/** PEM of key and certificate by name. */
const pems = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "opsi-certificates-"));
  const words = ["--client-cert-auth", "client", "depot", "--ssl-ca-key-passphrase", passphrase];
  site = await startTestSite([...words, "--max-auth-failures", "100"], openCore);
  await site.server.certificatesReady;
  await call("host_createObjects", [
    { type: "OpsiClient", id: pc1, opsiHostKey: key, oneTimePassword: "once" },
    { type: "OpsiClient", id: pc2, opsiHostKey: key },
    { type: "OpsiDepotserver", id: depot1, opsiHostKey: key },
  ]);
  for (const id of [pc1, pc2, depot1]) pems.set(id, await call<string>("host_getTLSCertificate", id));
  pems.set("foreign", await selfSigned(pc1));
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function call<T>(method: string, ...params: unknown[]): Promise<T> {
  const json = { jsonrpc: "2.0", id: 1, method, params };
  const { result, error } = (await site.send("POST", "/rpc", { login: admin, json })).json() as {
    result: T;
    error?: { message: string };
  };
  if (error) throw new Error(error.message);
  return result;
}

function openssl(...words: string[]): void {
  execFileSync("openssl", words, { cwd: folder, stdio: "ignore" });
}

const pemFile = (...names: string[]) => names.map((name) => readFileSync(join(folder, name), "utf8")).join("");

async function selfSigned(name: string): Promise<string> {
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", `/CN=${name}`);
  return pemFile("k", "c");
}

/** What the authority of the site signs when asked by its administrator. */
function signed(name: string, ...days: string[]): string {
  const { ssl } = site.folders;
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "r", "-subj", `/CN=${name}`);
  writeFileSync(join(folder, "passphrase"), passphrase);
  const authority = ["-CA", join(ssl, "opsi-ca-cert.pem"), "-CAkey", join(ssl, "opsi-ca-key.pem")];
  const signing = [...authority, "-passin", "file:passphrase", "-CAcreateserial", "-CAserial", "serial", ...days];
  openssl("x509", "-req", "-in", "r", "-out", "c", ...signing);
  return pemFile("k", "c");
}

/** @param pem key and certificate to show; empty = none */
function logIn(login: string, pem: string, of = site, agent = new Agent()): Promise<number> {
  const shown = pem === "" ? {} : { key: pem, cert: pem };
  const headers = { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: of.port, method: "HEAD", path: "/rpc", rejectUnauthorized: false };
    request({ ...options, ...shown, headers, agent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

test.each<[string, string, string, number]>([
  ["its certificate", pc1, pc1, 200],
  ["no certificate", pc1, "", 401],
  ["the certificate of another client", pc1, pc2, 401],
  ["the certificate of a depot", pc1, depot1, 401],
  ["a certificate for it that somebody else signed", pc1, "foreign", 401],
  ["its certificate", depot1, depot1, 200],
  ["no certificate", depot1, "", 401],
  ["the certificate of a client", depot1, pc1, 401],
])("a host with %s: %s %s %i", async (_what, id, shown, status) => {
  expect(await logIn(`${id}:${key}`, pems.get(shown) ?? "")).toBe(status);
});

test("the key is needed nevertheless", async () => {
  expect(await logIn(`${pc1}:wrong`, pems.get(pc1) ?? "")).toBe(401);
});

test("users need none unless the option says so", async () => {
  expect(await logIn(admin, "")).toBe(200);
});

test("a one-time password is not used up by who has no certificate", async () => {
  expect(await logIn(`${pc1}:once`, "")).toBe(401);
  expect(await logIn(`${pc1}:once`, pems.get(pc1) ?? "")).toBe(200);
  expect(await logIn(`${pc1}:once`, pems.get(pc1) ?? "")).toBe(401);
});

test("a connection that goes on where an earlier one was shows the same certificate", async () => {
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 10 });
  for (let count = 0; count < 3; count++) {
    expect(await logIn(`${pc1}:${key}`, pems.get(pc1) ?? "", site, agent)).toBe(200);
  }
});

test("a certificate is good until it ends", async () => {
  expect(await logIn(`${pc1}:${key}`, signed(pc1, "-days", "1"))).toBe(200);
  expect(await logIn(`${pc1}:${key}`, signed(pc1, "-days", "-1"))).toBe(401);
});

test("users with a certificate for their name", async () => {
  const { opsiCaKey, opsiCaCert } = {
    opsiCaKey: join(site.folders.ssl, "opsi-ca-key.pem"),
    opsiCaCert: join(site.folders.ssl, "opsi-ca-cert.pem"),
  };
  const authority = ["--ssl-ca-key", opsiCaKey, "--ssl-ca-cert", opsiCaCert, "--ssl-ca-key-passphrase", passphrase];
  await using other = await startTestSite(["--client-cert-auth", "user", ...authority]);
  await other.server.certificatesReady;
  expect(await logIn(admin, "", other)).toBe(401);
  expect(await logIn(admin, signed("adminuser"), other)).toBe(200);
  expect(await logIn(admin, signed("plainuser"), other)).toBe(401);
});
