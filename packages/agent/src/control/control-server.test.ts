import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { isOpsiError } from "@opsi-ts/model";
import { ServiceClient } from "@opsi-ts/protocol";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Agent, startAgent } from "../start-agent.ts";
import { clientId, hostKey } from "../testing/test-service.ts";
import { newSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
let agent: Agent;
let client: ServiceClient;
const restarts: string[] = [];
beforeAll(async () => {
  site = await newSite();
  agent = await startAgent({
    root: site.root,
    quiet: true,
    onRestart: () => restarts.push("agent"),
    rebootCommand: site.note("reboot"),
  });
  client = await connect("", hostKey);
});
afterAll(async () => {
  await client.close();
  await agent[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

function connect(username: string, password: string): Promise<ServiceClient> {
  return ServiceClient.connect({
    url: `https://127.0.0.1:${site.controlPort}/opsiclientd`,
    username,
    password,
    verify: "none",
  });
}

/** As hostControl of a server does it: JSON, no session, empty user name. (methods §10.4) */
async function post(
  path: string,
  body: unknown,
  options: { password?: string; headers?: Record<string, string> } = {},
) {
  const authorization = `Basic ${Buffer.from(`:${options.password ?? hostKey}`).toString("base64")}`;
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port: site.controlPort,
        path,
        method: "POST",
        rejectUnauthorized: false,
        agent: false,
        headers: { authorization, "content-type": "application/json", ...options.headers },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    sent.once("error", reject);
    sent.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

describe("methods", () => {
  test("a server fires an event as it does with the original", async () => {
    site.service.addProduct("demo", { "setup.sh": site.note("demo") });
    site.service.request("demo", "setup");
    const answer = await post("/opsiclientd", { id: 1, method: "fireEvent", params: ["on_demand"] });
    expect(answer).toEqual({ status: 200, body: '{"id":1,"result":null,"error":null}' });
    expect(await client.call("getRunningEvents")).toEqual(["on_demand"]);
    expect(await client.call("isEventRunning", ["on_demand"])).toBe(true);
    while ((await client.call<string[]>("getRunningEvents")).length > 0) await client.call("wait", [0.1]);
    expect(site.trace()).toEqual(["demo"]);
    expect(await client.call("isInstallationPending")).toBe(false);
  });

  test("only the products that are named", async () => {
    site.service.addProduct("one", { "setup.sh": site.note("one") });
    site.service.addProduct("two", { "setup.sh": site.note("two") });
    site.service.request("one", "setup");
    site.service.request("two", "setup");
    expect(await client.call("processActionRequests", [["two"]])).toBe(null);
    while ((await client.call<string[]>("getRunningEvents")).length > 0) await client.call("wait", [0.1]);
    expect(site.trace()).toEqual(["demo", "two"]);
    expect(site.service.state("one")).toMatchObject({ actionRequest: "setup" });
  });

  test.each<[method: string, params: unknown, error: RegExp]>([
    ["fireEvent", ["nothing"], /Event 'nothing' not in list of known events: .*on_demand/],
    ["nothing", [], /Invalid method 'nothing'/],
    ["constructor", [], /Invalid method 'constructor'/],
    ["getConfigValue", ["global"], /missing 1 required positional argument: 'option'/],
    ["getConfigValue", ["global", "nothing"], /No such option/],
    ["uptime", [1], /takes 0 positional arguments but 1/],
    ["fireEvent", { event: "x" }, /unexpected keyword argument 'event'/],
    ["showPopup", ["hello"], /no windows/],
    ["execPythonCode", ["1"], /does not run Python/],
    ["log_read", ["../../etc/passwd"], /Unknown log type/],
    ["setConfigValue", ["global", "log_level", "much"], /refused/],
  ])("%s(%j) is refused with a reason", async (method, params, error) => {
    await expect(client.call(method, params as unknown[])).rejects.toThrow(error);
  });

  test.each<[method: string, params: unknown, result: unknown]>([
    ["backend_info", [], {}],
    ["uptime", [], expect.any(Number)],
    ["getConfigValue", { section: "global", option: "host_id" }, clientId],
    ["getState", ["user_logged_in"], expect.any(Boolean)],
    ["getState", ["some_cancel_counter"], 0],
    ["cancelEvents", [], false],
    ["isRebootTriggered", [], false],
    ["log_read", ["opsiclientd"], expect.stringContaining("opsi client agent starts")],
    ["log_read", ["opsi-script"], "No such file or directory"],
    ["execute", ["echo out; echo err >&2"], ["out", "err"]],
  ])("%s(%j)", async (method, params, result) => {
    expect(await client.call(method, params as unknown[])).toEqual(result);
  });

  test("a command that fails or hangs says so", async () => {
    await expect(client.call("execute", ["echo no; exit 3"])).rejects.toThrow(/Command failed \(3\): no/);
    await expect(client.call("execute", ["sleep 60", true, true, null, 0.2])).rejects.toThrow(
      /ended after 0.2 seconds/,
    );
  });

  test("the description has every method with its parameters", async () => {
    const description = await client.call<{ name: string; params: string[]; args: string[] }[]>("backend_getInterface");
    expect(description.find(({ name }) => name === "fireEvent")).toMatchObject({
      params: ["name", "*can_cancel", "*event_info"],
      args: ["self", "name", "can_cancel", "event_info"],
      defaults: [true, null],
    });
  });

  test("restart and reboot", async () => {
    await client.call("restart");
    await client.call("reboot");
    await vi.waitFor(() => expect(site.trace()).toContain("reboot"), 10_000);
    await vi.waitFor(() => expect(restarts).toEqual(["agent"]), 10_000);
    await vi.waitFor(async () => expect(await client.call("isRebootTriggered")).toBe(true), 10_000);
  });
});

describe("the service for the action processor", () => {
  test("calls go on to the service with its answers and errors, sessions stay apart", async () => {
    await using relayed = await ServiceClient.connect({
      url: `https://127.0.0.1:${site.controlPort}`,
      username: clientId,
      password: hostKey,
      verify: "none",
    });
    expect(relayed.serverVersion).toBe("4.3.24.1");
    expect(await relayed.call("getDomain")).toBe("example.org");
    expect(await relayed.call("backend_exit")).toBe(null);
    const error = await relayed.call("nothing").catch((reason: unknown) => reason);
    expect(isOpsiError(error, "ValueError") && error.message).toBe("Invalid method 'nothing'");
  });

  test("objects as JSON texts in strings, as opsi-script sends them, arrive as objects", async () => {
    const body = {
      id: 1,
      method: "productOnClient_updateObject",
      params: [JSON.stringify({ productId: "text", clientId, actionProgress: "x" })],
    };
    expect((await post("/rpc", body)).body).toBe('{"id":1,"result":null,"error":null}');
    expect(site.service.state("text")).toMatchObject({ actionProgress: "x" });
  });

  test("a question waits for a service that is away for a moment", async () => {
    await site.service.stop();
    const answer = post("/rpc", { id: 1, method: "getDomain", params: [] });
    await setTimeout(700);
    await site.service.start();
    expect((await answer).body).toBe('{"id":1,"result":"example.org","error":null}');
  });

  test("what the service refuses is an error there too", async () => {
    const body = { id: 1, method: "log_write", params: ["instlog", "[5] text", "other.example.org", "false"] };
    expect(JSON.parse((await post("/rpc", body)).body)).toMatchObject({ error: { class: "BackendBadValueError" } });
  });
});

describe("strangers", () => {
  test("a body that is no call", async () => {
    expect((await post("/opsiclientd", "no json")).status).toBe(400);
  });

  test("other paths do not exist", async () => {
    expect((await post("/terminal/ws", {})).status).toBe(404);
  });

  test("a wrong key is refused, five of them lock the address out, a session goes on", async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await post("/rpc", {}, { password: "f".repeat(32) })).toEqual({
        status: 401,
        body: '{"id":null,"result":null,"error":"Authentication error"}',
      });
    }
    const headers = { accept: "application/json" };
    expect(await post("/opsiclientd", {}, { headers })).toEqual({
      status: 403,
      body: `{"error":"Client '127.0.0.1' is blocked"}`,
    });
    expect(await client.call("uptime")).toEqual(expect.any(Number));
  });
});
