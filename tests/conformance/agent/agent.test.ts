import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceClient } from "@opsi-ts/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CorpusServer, startCorpusServer } from "../rpc/corpus-server.ts";

/** A call of the original agent, or of somebody beside it, with what the original server answered. */
interface RecordedCall {
  readonly agent: string;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly result: unknown;
}

const client = { id: "pc01.corpus.test", opsiHostKey: "0e69446dccda9815b5ed13cc33040181" };
const product = {
  id: "demo",
  name: "Demo",
  productVersion: "1.0",
  packageVersion: "1",
  setupScript: "setup.opsiscript",
};

let root: string;
let server: CorpusServer;
const connections = new AsyncDisposableStack();
let administrator: ServiceClient;
let agent: ServiceClient;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "agent-calls-"));
  server = await startCorpusServer(root, 0);
  const connect = async (username: string, password: string) => {
    const service = await ServiceClient.connect({ url: server.url, username, password, verify: "none" });
    connections.defer(() => service.close());
    return service;
  };
  administrator = await connect("adminuser", "adminuser");
  await administrator.call("host_createObjects", [[{ type: "OpsiClient", ...client }]]);
  await administrator.call("product_createObjects", [[{ type: "LocalbootProduct", ...product }]]);
  const { id: productId, productVersion, packageVersion } = product;
  const onDepot = {
    type: "ProductOnDepot",
    productId,
    productVersion,
    packageVersion,
    productType: "LocalbootProduct",
  };
  await administrator.call("productOnDepot_createObjects", [[{ ...onDepot, depotId: "server.corpus.test" }]]);
  await administrator.call("user_setCredentials", ["pcpatch", "2fe58a5937a8e938e0f79fdf6b5a0f1b"]);
  // the recorded server belonged to a Windows domain
  const depotUser = { type: "UnicodeConfig", id: "clientconfig.depot.user", defaultValues: ["DOMAIN\\pcpatch"] };
  await administrator.call("config_updateObjects", [[depotUser]]);
  agent = await connect(client.id, client.opsiHostKey);
});

afterAll(async () => {
  await connections.disposeAsync();
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** Without what belongs to the recorded machine, its passwords, and its agent that waited at the message bus. */
function comparable(method: string, result: unknown): unknown {
  if (method === "user_getCredentials" || method === "hostControlSafe_fireEvent") return Object.keys(result as object);
  if (method !== "host_getObjects") return result;
  const hosts = JSON.parse(JSON.stringify(result).replace(/\/\/[\w.]+/g, "//server")) as Record<string, unknown>[];
  return hosts.map((host) => ({ ...host, ipAddress: "", networkAddress: "" }));
}

// in this order, on one site
test.each(["opsiclientd-start", "opsiclientd-on-demand"])("the calls of %s work as they did", async (name) => {
  const file = join(import.meta.dirname, `../../corpus/agent/${name}.json`);
  const calls = JSON.parse(await readFile(file, "utf8")) as RecordedCall[];
  await administrator.call("setProductActionRequest", [product.id, client.id, "setup"]);
  for (const { agent: who, method, params, result: wanted } of calls) {
    const result = await (who === "administrator" ? administrator : agent).call<unknown>(method, params);
    if (method === "backend_getInterface") {
      const known = new Set((result as { name: string }[]).map((each) => each.name));
      expect(calls.map((call) => call.method).filter((used) => !known.has(used))).toEqual([]);
    } else {
      expect(comparable(method, result), `${method} ${JSON.stringify(params)}`).toEqual(comparable(method, wanted));
    }
  }
  const [state] = await administrator.call<unknown[]>("productOnClient_getObjects", [[], { clientId: client.id }]);
  expect(state).toMatchObject({ installationStatus: "installed", actionRequest: "none", actionResult: "successful" });
});
