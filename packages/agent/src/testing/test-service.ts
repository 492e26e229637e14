import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { OpsiError } from "@opsi-ts/model";
import { formatContentFile } from "@opsi-ts/opsi-package";
import {
  contentTypeOf,
  decodeBody,
  decodeRequest,
  encodeAnswers,
  encodeBody,
  type RpcOutcome,
  requestSerialization,
  responseCompression,
  toWireError,
} from "@opsi-ts/protocol";
import { newCa } from "../../../protocol/src/testing/certificates.ts";

type Row = Record<string, unknown>;

export const clientId = "pc1.example.org";
export const depotId = "server.example.org";
export const hostKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

const texts = (value: unknown) => [value].flat().map(String);

export interface TestServiceOptions {
  /** Called before a file is sent; returning true means that it has answered itself. */
  onDownload?: (
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    bytes: Buffer,
  ) => boolean | Promise<boolean>;
}

/**
 * A small configuration service and depot over real HTTPS: what the agent and an action processor need, with the
 * states in memory. It can be stopped and started again at the same address.
 */
export class TestService implements AsyncDisposable {
  readonly ca: Awaited<ReturnType<typeof newCa>>;
  readonly options: TestServiceOptions;
  readonly products = new Map<string, Row>();
  readonly states = new Map<string, Row>();
  readonly hosts = new Map<string, Row>();
  readonly configValues: Record<string, unknown[]> = {};
  readonly files = new Map<string, Buffer>();
  readonly logs: { type: string; text: string; append: unknown }[] = [];
  readonly calls: { method: string; params: unknown }[] = [];
  readonly downloads: { path: string; range: string | undefined; status: number }[] = [];
  port = 0;
  #certificate: { cert: string; key: string };
  #server: Server | null = null;

  private constructor(
    ca: Awaited<ReturnType<typeof newCa>>,
    certificate: { cert: string; key: string },
    options: TestServiceOptions,
  ) {
    this.ca = ca;
    this.#certificate = certificate;
    this.options = options;
  }

  static async open(options: TestServiceOptions = {}): Promise<TestService> {
    const ca = await newCa();
    const service = new TestService(ca, await ca.issue(), options);
    service.hosts.set(clientId, {
      type: "OpsiClient",
      id: clientId,
      opsiHostKey: hostKey,
      hardwareAddress: null,
      systemUUID: null,
    });
    await service.start();
    service.hosts.set(depotId, {
      type: "OpsiConfigserver",
      id: depotId,
      opsiHostKey: null,
      depotWebdavUrl: `webdavs://${depotId}:4447/depot`,
    });
    return service;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer(this.#certificate, (request, response) => {
      void this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Puts a product on the depot; its script is a shell script for the stand-in. */
  addProduct(id: string, files: Record<string, string | Buffer>, version = "1.0"): void {
    this.products.set(id, { productId: id, productVersion: version, packageVersion: "1", setupScript: "setup.sh" });
    for (const path of [...this.files.keys()]) if (path.startsWith(`${id}/`)) this.files.delete(path);
    const entries = Object.entries(files).map(([path, content]) => {
      const bytes = Buffer.from(content);
      this.files.set(`${id}/${path}`, bytes);
      return { type: "file", path, size: bytes.length, md5: createHash("md5").update(bytes).digest("hex") } as const;
    });
    this.files.set(`${id}/${id}.files`, Buffer.from(formatContentFile(entries)));
  }

  request(productId: string, actionRequest: string): void {
    this.states.set(productId, {
      type: "ProductOnClient",
      productType: "LocalbootProduct",
      clientId,
      installationStatus: "not_installed",
      actionProgress: null,
      actionResult: "none",
      lastAction: "none",
      productVersion: null,
      packageVersion: null,
      ...this.states.get(productId),
      productId,
      actionRequest,
    });
  }

  state(productId: string): Row {
    return this.states.get(productId) ?? {};
  }

  #methods: Record<string, (...params: never[]) => unknown> = {
    backend_getInterface: () => [],
    backend_info: () => ({}),
    getDomain: () => "example.org",
    host_getObjects: (_attributes: unknown, filter: Row) => {
      const ids = filter["id"] === undefined ? null : texts(filter["id"]);
      return [...this.hosts.values()].filter(({ id }) => ids?.includes(String(id)) ?? true);
    },
    host_createOpsiClient: (id: string) => {
      this.hosts.set(id, { type: "OpsiClient", id, opsiHostKey: hostKey, hardwareAddress: null, systemUUID: null });
    },
    host_updateObjects: (hosts: Row[]) => {
      for (const host of hosts) this.hosts.set(String(host["id"]), { ...this.hosts.get(String(host["id"])), ...host });
    },
    configState_getClientToDepotserver: (_depots: unknown, clients: unknown) =>
      ([clients].flat() as string[]).map((id) => ({ depotId, clientId: id, alternativeDepotIds: [] })),
    configState_getValues: (ids: string[], clients: string[]) => {
      const matches = (id: string) =>
        ids.some((pattern) => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(id));
      const found = Object.fromEntries(Object.entries(this.configValues).filter(([id]) => matches(id)));
      return Object.fromEntries(([clients].flat() as string[]).map((id) => [id, found]));
    },
    productOnClient_getObjectsWithSequence: () =>
      [...this.states.values()].map((state, index) => ({
        ...state,
        actionSequence: state["actionRequest"] === "none" ? -1 : index,
      })),
    productOnClient_getObjects: (_attributes: unknown, filter: Row) =>
      [...this.states.values()].filter(
        ({ productId }) => filter["productId"] === undefined || texts(filter["productId"]).includes(String(productId)),
      ),
    productOnClient_getIdents: (_type: unknown, filter: Row) =>
      [...this.states.values()].filter(({ actionRequest }) =>
        texts(filter["actionRequest"]).includes(String(actionRequest)),
      ),
    productOnDepot_getObjects: (_attributes: unknown, filter: Row) =>
      [...this.products.values()].filter(({ productId }) => texts(filter["productId"]).includes(String(productId))),
    product_getObjects: (_attributes: unknown, filter: Row) =>
      [...this.products.values()].filter(({ productId }) => texts(filter["id"]).includes(String(productId))),
    productOnClient_updateObject: (state: Row) => this.#update([state]),
    productOnClient_updateObjects: (states: Row[]) => this.#update(states),
    getProduct_hash: (productId: string) => this.products.get(productId) ?? null,
    getDepotId: () => depotId,
    productPropertyState_getValues: (productId: unknown) =>
      Object.fromEntries([[clientId, Object.fromEntries(texts(productId).map((id) => [id, {}]))]]),
    backend_getSystemConfiguration: () => ({ log: { size_limit: 5 } }),
    setProductActionRequest: (productId: string, _client: unknown, actionRequest: string) =>
      this.#update([{ productId, actionRequest }]),
    log_write: (type: string, text: string, id: string, append: unknown) => {
      if (id !== clientId) throw new OpsiError("BackendBadValueError", "not your log");
      this.logs.push({ type, text, append });
    },
  };

  #update(states: Row[]): void {
    for (const state of states) {
      const given = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
      this.states.set(String(state["productId"]), { ...this.states.get(String(state["productId"])), ...given });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    response.setHeader("server", "opsiconfd 4.3.24.1 (uvicorn)");
    if (url.startsWith("/ssl/")) return void response.end(this.ca.pem);
    const [name = "", password = ""] = Buffer.from(headers.authorization?.slice(6) ?? "", "base64")
      .toString("utf8")
      .split(":");
    const admitted =
      (name === "admin" && password === "secret") ||
      (password !== "" && this.hosts.get(name)?.["opsiHostKey"] === password);
    if (!admitted)
      return void response
        .writeHead(401, { "content-type": "application/json" })
        .end('{"error":"Authentication error"}');
    if (method === "HEAD" || url === "/session/logout") return void response.end();
    const path = decodeURIComponent(url);
    if (path.startsWith("/depot/")) return this.#download(path.slice("/depot/".length), request, response);
    if (!path.startsWith("/rpc")) return void response.writeHead(404).end();
    await this.#rpc(request, response);
  }

  async #rpc(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    const body = await decodeBody(await buffer(request), headers["content-type"], headers["content-encoding"]);
    const decoded = decodeRequest(body);
    const outcomes: RpcOutcome[] = [];
    for (const { method, params } of decoded.calls) {
      this.calls.push({ method, params });
      try {
        const run = this.#methods[method];
        if (run === undefined) throw new OpsiError("ValueError", `Invalid method '${method}'`);
        outcomes.push({ result: run(...(params as never[])) ?? null });
      } catch (error) {
        outcomes.push({ error: toWireError(error, { details: false }) });
      }
    }
    const serialization = requestSerialization(headers["content-type"]);
    const encoded = await encodeBody(
      encodeAnswers(decoded, outcomes, serialization),
      serialization,
      responseCompression(headers["accept-encoding"]?.toString()),
    );
    response.writeHead(200, { ...encoded.headers, "content-type": contentTypeOf(serialization) });
    response.end(encoded.bytes);
  }

  async #download(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const whole = this.files.get(path);
    if (whole === undefined) return void response.writeHead(404).end();
    const etag = `"${createHash("md5").update(whole).digest("hex")}"`;
    const { range } = request.headers;
    const start =
      range !== undefined && request.headers["if-range"] === etag ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0) : 0;
    const bytes = whole.subarray(start);
    const status = start > 0 ? 206 : 200;
    this.downloads.push({ path, range, status });
    response.writeHead(status, {
      etag,
      "content-length": bytes.length,
      ...(start > 0 ? { "content-range": `bytes ${start}-${whole.length - 1}/${whole.length}` } : {}),
    });
    if ((await this.options.onDownload?.(path, request, response, bytes)) === true) return;
    response.end(bytes);
  }
}
