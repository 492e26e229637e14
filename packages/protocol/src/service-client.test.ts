import { createServer } from "node:net";
import { inspect } from "node:util";
import { OpsiError } from "@opsi-ts/model";
import { describe, expect, test } from "vitest";
import { decodeBody } from "./codecs.ts";
import { HttpError } from "./http-error.ts";
import { JsonText } from "./json-text.ts";
import { connect, failure, password, serve } from "./testing/connect.ts";
import type { RemoteError } from "./wire-errors.ts";

describe("connecting (service §6.3)", () => {
  test("logs in once, keeps the session, logs out", async () => {
    await using service = await serve({ methods: { getDomain: () => "example.org" } });
    {
      await using client = await connect(service, { userAgent: "test/1", sessionLifetime: 900 });
      expect(client).toMatchObject({ serverVersion: "4.3.24.1", serverName: "opsiconfd 4.3.24.1 (uvicorn)" });
      expect(client.newHostId).toBeUndefined();
      expect(client.clockOffsetMilliseconds ?? 0).toBeGreaterThan(3_590_000);
      expect(await client.call("getDomain")).toBe("example.org");
      expect(inspect(client, { depth: 10, showHidden: true })).not.toContain(password);
    }
    expect(service.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "HEAD /rpc",
      "POST /rpc",
      "POST /session/logout",
    ]);
    expect(service.seen[0]?.headers).toMatchObject({ "user-agent": "test/1", "x-opsi-session-lifetime": "900" });
    expect(service.seen[1]?.headers.cookie).toBe(`opsiconfd-session=${"1".padStart(32, "0")}`);
  });

  test.each<[server: string, version: string, contentType: string, encoding: string | undefined]>([
    ["opsiconfd 4.3.24.1 (uvicorn)", "4.3.24.1", "application/msgpack", "lz4"],
    ["opsiconfd 4.2.0.171 (uvicorn)", "4.2.0.171", "application/msgpack", "lz4"],
    ["opsiconfd 4.2.0.170 (uvicorn)", "4.2.0.170", "application/json", "gzip"],
    ["opsiconfd 4.1.1.50", "4.1.1.50", "application/json", undefined],
    ["nginx", "0", "application/json", undefined],
  ])("speaks to %s as it understands", async (server, version, contentType, encoding) => {
    await using service = await serve({ server, methods: { echo: (value) => value, backend_exit: () => null } });
    await using client = await connect(service);
    expect(client.serverVersion).toBe(version);
    const long = { text: "ä".repeat(20_000), big: 2 ** 40, none: null };
    expect(await client.call("echo", [long])).toEqual(long);
    const { headers, body } = service.seen[1] ?? { headers: {}, body: Buffer.alloc(0) };
    expect(headers).toMatchObject({ "content-type": contentType, accept: contentType });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(await decodeBody(body, contentType, encoding)).toMatchObject({
      jsonrpc: "2.0",
      method: "echo",
      params: [long],
    });
  });

  test("old services are left by RPC", async () => {
    await using service = await serve({ server: "opsiconfd 4.2.0.200", methods: { backend_exit: () => null } });
    await (await connect(service)).close();
    expect(service.seen.at(-1)?.url).toBe("/rpc");
  });

  test.each([
    ["PC1.example.org", "pc1.example.org"],
    ["not a host id", undefined],
  ])("x-opsi-new-host-id %s", async (header, expected) => {
    await using service = await serve({
      intercept: (_request, response) => {
        response.setHeader("x-opsi-new-host-id", header);
        return false;
      },
    });
    await using client = await connect(service, { username: "{hardware_address}00:11:22:33:44:55" });
    expect(client.newHostId).toBe(expected);
  });

  test("405 is how services before 4.2 answer, other statuses are errors", async () => {
    await using old = await serve({
      intercept: ({ method }, response) => method === "HEAD" && !!response.writeHead(405).end(),
    });
    await (await connect(old)).close();
    await using broken = await serve({ intercept: (_request, response) => !!response.writeHead(500).end() });
    expect(await failure(connect(broken))).toMatchObject({ class: "OpsiServiceError", status: 500 });
  });
});

describe("refusals", () => {
  test.each<[status: number, errorClass: string]>([
    [401, "OpsiServiceAuthenticationError"],
    [403, "OpsiServicePermissionError"],
    [426, "OpsiServiceError"],
    [404, "OpsiServiceError"],
  ])("status %i", async (status, errorClass) => {
    await using service = await serve({
      intercept: ({ method }, response) => {
        if (method !== "POST") return false;
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify({ id: null, result: null, error: "Client '10.0.0.1' is blocked" }));
        return true;
      },
    });
    await using client = await connect(service);
    const error = await failure(client.call("getDomain"));
    expect(error).toMatchObject({ class: errorClass, status });
    expect(error.message).toContain("Client '10.0.0.1' is blocked");
  });

  test("a wrong password", async () => {
    await using service = await serve();
    expect(await failure(connect(service, { password: "wrong" }))).toMatchObject({
      class: "OpsiServiceAuthenticationError",
    });
    expect(service.seen).toHaveLength(1); // never repeated: each attempt counts towards the lock-out
  });

  test("a cookie that comes with a refusal is not ours (defect of the original, service §1.6)", async () => {
    await using service = await serve({
      methods: { getDomain: () => "example.org" },
      intercept: ({ url }, response) => {
        if (url !== "/refused") return false;
        response.writeHead(401, { "set-cookie": "opsiconfd-session=somebodyelse; path=/" }).end();
        return true;
      },
    });
    await using client = await connect(service);
    expect(await failure(client.get("/refused"))).toMatchObject({ class: "OpsiServiceAuthenticationError" });
    await client.call("getDomain");
    expect(service.seen.at(-1)?.headers.cookie).not.toContain("somebodyelse");
  });

  test("errors of methods keep class and text; unknown classes stay usable", async () => {
    await using service = await serve({
      methods: {
        known: () => {
          throw new OpsiError("BackendMissingDataError", "Host 'x' not found");
        },
        unknown: () => {
          throw Object.assign(new OpsiError("RuntimeError", "strange"), { class: "SomethingNew" });
        },
      },
    });
    await using client = await connect(service);
    expect(await failure(client.call("known"))).toMatchObject({
      class: "BackendMissingDataError",
      message: "Backend missing data error: Host 'x' not found",
    });
    const unknown = (await failure(client.call("unknown"))) as RemoteError;
    expect(unknown).toMatchObject({ class: "OpsiRpcError", remoteClass: "SomethingNew", remoteMessage: "strange" });
    expect(await failure(client.call("nothing"))).toMatchObject({
      class: "ValueError",
      message: "Invalid method 'nothing'",
    });
  });

  test("answers that are none", async () => {
    let body: string | Buffer = "";
    await using service = await serve({
      intercept: ({ method }, response) => method === "POST" && !!response.end(body),
    });
    await using client = await connect(service);
    for (body of ["", "<html>proxy</html>", "[1]", "{}", Buffer.from([0xc1])]) {
      expect(await failure(client.call("x"))).toMatchObject({ class: "OpsiBadRpcError" });
    }
  });

  test("a failure that a proxy explains in words", async () => {
    await using service = await serve({
      intercept: ({ method }, response) =>
        method === "POST" && !!response.writeHead(500, { "content-type": "text/plain" }).end("upstream is gone"),
    });
    await using client = await connect(service);
    expect(await failure(client.call("x"))).toMatchObject({
      status: 500,
      message: "Opsi service error: upstream is gone",
    });
  });

  test("an answer larger than allowed", async () => {
    await using service = await serve({ methods: { big: () => new JsonText(JSON.stringify("x".repeat(200_000))) } });
    await using client = await connect(service, { limits: { decodedBytes: 100_000 } });
    expect((await failure(client.call("big"))).message).toContain("larger than 100000 bytes after decompression");
  });
});

describe("troubled lines", () => {
  test("503 is waited out as long as told", async () => {
    await using service = await serve({
      methods: { host_createObjects: () => null },
      intercept: (_request, response, number) =>
        number === 2 && !!response.writeHead(503, { "Retry-After": "1" }).end("Please try again later"),
    });
    await using client = await connect(service);
    const start = Date.now();
    await client.call("host_createObjects", [[]]);
    expect(Date.now() - start).toBeGreaterThanOrEqual(950);
    expect(service.seen).toHaveLength(3);
  });

  test("while a service wants to be left alone, other calls wait too", async () => {
    const times: number[] = [];
    await using service = await serve({
      methods: { getDomain: () => "example.org" },
      intercept: ({ method, url }, response) => {
        if (method !== "POST" || url !== "/rpc") return false;
        return times.push(Date.now()) === 1 && !!response.writeHead(503, { "Retry-After": "1" }).end();
      },
    });
    await using client = await connect(service);
    const first = client.call("getDomain");
    await expect.poll(() => times.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([first, client.call("getDomain")]);
    expect(times.slice(1).map((time) => time - (times[0] ?? 0) >= 950)).toEqual([true, true]);
  });

  test("503 for longer is an error, and the service is left alone meanwhile", async () => {
    await using service = await serve({
      intercept: ({ method }, response) =>
        method === "POST" &&
        !!response.writeHead(503, { "Retry-After": "600", "content-type": "text/plain" }).end("Maintenance"),
    });
    await using client = await connect(service);
    const error = await failure(client.call("getDomain"));
    expect(error).toMatchObject({ class: "OpsiServiceUnavailableError", status: 503, retryAfterSeconds: 600 });
    expect(error.message).toBe("Opsi service unavailable error: Maintenance");
    expect(await failure(client.call("getDomain"))).toMatchObject({ class: "OpsiServiceUnavailableError" });
    expect(service.seen).toHaveLength(2);
  });

  test.each<[method: string, requests: number, result: "answered" | "refused"]>([
    ["host_getObjects", 2, "answered"],
    ["backend_info", 2, "answered"],
    ["host_deleteObjects", 1, "refused"],
    ["licenseOnClient_getOrCreateObject", 1, "refused"],
  ])("%s on a line that is cut during the call: sent %i times", async (method, requests, result) => {
    let calls = 0;
    await using service = await serve({
      methods: { [method]: () => "done" },
      intercept: ({ url, method: verb }, response) => {
        if (verb !== "POST" || url !== "/rpc" || ++calls > 1) return false;
        response.destroy();
        return true;
      },
    });
    await using client = await connect(service);
    const call = client.call(method);
    if (result === "answered") expect(await call).toBe("done");
    else expect(await failure(call)).toMatchObject({ class: "OpsiServiceConnectionError" });
    expect(calls).toBe(requests);
  });

  test("a restart between two calls is not noticed", async () => {
    await using service = await serve({
      methods: { getDomain: () => "example.org", config_createObjects: () => null },
    });
    await using client = await connect(service);
    service.cutConnections();
    await client.call("getDomain");
  });

  test("nobody there", async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as { port: number };
    await new Promise((resolve) => listener.close(resolve));
    const error = await failure(connect({ url: `https://127.0.0.1:${port}` }));
    expect(error).toMatchObject({ class: "OpsiServiceConnectionError" });
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("something that does not speak TLS", async () => {
    const listener = createServer((socket) => {
      socket
        .on("error", () => {})
        .resume()
        .end("220 smtp\r\n");
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as { port: number };
    const error = await failure(connect({ url: `https://127.0.0.1:${port}` }));
    expect(error).toMatchObject({ class: "OpsiServiceConnectionError" });
    await new Promise((resolve) => listener.close(resolve));
  });

  test("a truncated answer", async () => {
    await using service = await serve({
      intercept: ({ method }, response) => {
        if (method !== "POST") return false;
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"id":1,"result":');
        setImmediate(() => response.destroy());
        return true;
      },
    });
    await using client = await connect(service);
    expect(await failure(client.call("config_createObjects"))).toMatchObject({ class: "OpsiServiceConnectionError" });
  });

  test("a silent service, and a caller who gives up", async () => {
    await using service = await serve({ intercept: ({ method, url }) => method === "POST" && url === "/rpc" });
    await using client = await connect(service);
    expect(await failure(client.call("getDomain", [], { timeoutMilliseconds: 100 }))).toMatchObject({
      class: "OpsiServiceTimeoutError",
    });
    const controller = new AbortController();
    const call = client.call("getDomain", [], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(call).rejects.toThrow("enough");
    await expect(client.call("getDomain", [], { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
      "before",
    );
  });

  test("disposal ends what is under way", async () => {
    await using service = await serve({ intercept: ({ url }) => url === "/rpc?" || url.startsWith("/depot") });
    const client = await connect(service);
    const waiting = failure(client.get("/depot/x"));
    await client.close();
    expect(await waiting).toMatchObject({ class: "OpsiServiceConnectionError" });
    await client.close();
  });
});

describe("requests below the service", () => {
  test("paths are encoded, ranges asked for, redirects followed, but not to others", async () => {
    await using service = await serve({
      intercept: ({ url }, response) => {
        if (url === "/depot/a%20b/%C3%BC%25%3F.txt?delete=true") return !!response.end("hello");
        if (url === "/moved")
          return !!response.writeHead(307, { location: "/depot/a%20b/%C3%BC%25%3F.txt?delete=true" }).end();
        if (url === "/away") return !!response.writeHead(302, { location: "https://example.org/" }).end();
        if (url === "/loop") return !!response.writeHead(302, { location: "/loop" }).end();
        return false;
      },
    });
    await using client = await connect(service);
    const read = async (path: string, query?: Record<string, string>) => {
      const response = await client.get(path, { query, range: { start: 2, end: 4 } });
      return Buffer.from(await response.bytes(100)).toString();
    };
    expect(await read("/depot/a b/ü%?.txt", { delete: "true" })).toBe("hello");
    expect(service.seen.at(-1)?.headers.range).toBe("bytes=2-4");
    expect(await read("/moved")).toBe("hello");
    expect(await failure(read("/away"))).toMatchObject({ class: "OpsiServiceError" });
    expect(await failure(read("/loop"))).toMatchObject({ class: "OpsiServiceError" });
    const missing = await failure(read("/depot/none"));
    expect(missing).toBeInstanceOf(HttpError);
    expect(missing).toMatchObject({ status: 404, message: "Opsi service error: Not Found" });
  });

  test("folders", async () => {
    const requests: string[] = [];
    await using service = await serve({
      intercept: ({ method, url, headers }, response) => {
        if (!url.startsWith("/depot")) return false;
        requests.push(`${method} ${url} ${headers["depth"] ?? ""}`.trim());
        if (method === "MKCOL") return !!response.writeHead(405).end();
        if (method === "DELETE") return !!response.writeHead(204).end();
        response.writeHead(207, { "content-type": "application/xml" });
        response.end(`<?xml version='1.0' encoding='UTF-8'?>
<ns0:multistatus xmlns:ns0="DAV:"><ns0:response><ns0:href>/depot/a%20b/</ns0:href><ns0:propstat/></ns0:response>
<ns0:response><ns0:href>/depot/a%20b/x.txt</ns0:href></ns0:response></ns0:multistatus>`);
        return true;
      },
    });
    await using client = await connect(service);
    expect(await client.webdavList("/depot/a b")).toMatchObject([{ path: "/depot/a b/x.txt", name: "x.txt" }]);
    await client.makeFolder("/depot/new");
    await client.remove("/depot/old");
    expect(requests).toEqual(["PROPFIND /depot/a%20b/ 1", "MKCOL /depot/new", "DELETE /depot/old"]);
  });
});
