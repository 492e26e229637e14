import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import {
  contentTypeOf,
  decodeBody,
  decodeRequest,
  defaultLimits,
  encodeAnswers,
  encodeBody,
  envelopeError,
  needsIndependentBlocks,
  type RpcCall,
  type RpcOutcome,
  requestSerialization,
  responseCompression,
  sessionError,
  toWireError,
} from "@opsi-ts/protocol";
import { agentVersion } from "../service/service-link.ts";
import type { Authentication, Verdict } from "./authentication.ts";
import type { ControlCertificate } from "./control-certificate.ts";
import { bindParameters, type ControlMethod } from "./control-method.ts";

export interface ControlServerOptions {
  readonly interfaces: readonly string[];
  readonly port: number;
  readonly certificate: ControlCertificate;
  readonly authentication: Authentication;
  readonly methods: () => Readonly<Record<string, ControlMethod>>;
  /** Answers the calls of `/rpc`. */
  readonly relay: (call: RpcCall, signal: AbortSignal) => Promise<unknown>;
  /** Version of the service behind the relay, by which its callers decide what they may send. */
  readonly serviceVersion: () => string;
  readonly log: Log;
}

const maximumBodyBytes = 64 * 2 ** 20;
const sessionSeconds = 300;
const maximumSessions = 100;

const refusals: Record<Exclude<Verdict, "welcome">, { status: number; text: string }> = {
  denied: { status: 401, text: "Authentication error" },
  missing: { status: 401, text: "Authorization header missing" },
  unsupported: { status: 401, text: "Authorization method unsupported" },
  blocked: { status: 403, text: "" },
};

/**
 * The local HTTPS JSON-RPC server: control methods at `/opsiclientd`, the service for the action processor at `/rpc`.
 * (agent §6)
 */
export class ControlServer implements AsyncDisposable {
  readonly #servers: Server[];
  readonly #options: ControlServerOptions;
  readonly #log: Log;
  /** Session ids with the time of their last use. */
  readonly #sessions = new Map<string, number>();

  private constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#log = options.log.child({ subject: "control" });
    const { key, cert } = options.certificate;
    this.#servers = options.interfaces.map(() =>
      createServer({ key, cert, requestTimeout: 120_000 }, (request, response) => {
        this.#handle(request, response).catch((error: unknown) => {
          this.#log.error({ err: error }, "request failed");
          response.destroy();
        });
      }),
    );
  }

  /** Listens on all interfaces; one that the machine does not have is left out, but one has to work. */
  static async open(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    let { port } = options;
    const failures: Error[] = [];
    for (const [index, host] of options.interfaces.entries()) {
      const listener = server.#servers[index];
      if (listener === undefined) continue;
      try {
        await new Promise<void>((resolve, reject) => {
          listener.once("error", reject);
          // Otherwise `::` takes the port of `0.0.0.0` too, which then cannot be opened.
          listener.listen({ host, port, ipv6Only: host.includes(":") }, resolve);
        });
        port = (listener.address() as AddressInfo).port;
      } catch (error) {
        failures.push(error as Error);
        server.#log.warning({ interface: host, port, err: error }, "interface cannot be used");
      }
    }
    if (server.port === 0) {
      throw new OpsiError("OSError", `Control server cannot listen on port ${options.port}: ${failures[0]?.message}`, {
        cause: failures[0],
      });
    }
    server.#log.notice({ port: server.port, interfaces: options.interfaces.join(" ") }, "control server listens");
    return server;
  }

  get port(): number {
    for (const server of this.#servers) if (server.listening) return (server.address() as AddressInfo).port;
    return 0;
  }

  /** Where a program on this machine reaches `/rpc`. */
  get relayUrl(): string {
    const addresses = this.#servers
      .filter(({ listening }) => listening)
      .map((server) => (server.address() as AddressInfo).address);
    const usable =
      addresses.find((address) => ["0.0.0.0", "::", "127.0.0.1"].includes(address)) === undefined
        ? addresses[0]
        : "127.0.0.1";
    const host = usable === undefined || usable === "::" ? "127.0.0.1" : usable.includes(":") ? `[${usable}]` : usable;
    return `https://${host}:${this.port}/rpc`;
  }

  useCertificate({ key, cert }: ControlCertificate): void {
    for (const server of this.#servers) server.setSecureContext({ key, cert });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "/", headers } = request;
    const path = url.split("?", 1)[0] ?? "/";
    const rpc = path.startsWith("/rpc");
    response.setHeader(
      "server",
      rpc ? `opsiclientd config cache service ${this.#options.serviceVersion()}` : `opsiclientd ${agentVersion}`,
    );
    response.setHeader("x-date-unix-timestamp", Math.floor(Date.now() / 1000));
    const session = this.#session(headers.cookie);
    response.setHeader(
      "set-cookie",
      `opsiclientd-session=${session.id}; SameSite=Strict; Secure; path=/; Max-Age=${sessionSeconds}`,
    );
    if (path === "/session/logout") {
      this.#sessions.delete(session.id);
      return this.#answer(response, 200, JSON.stringify("session deleted"), "application/json");
    }
    const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    if (!session.authenticated) {
      const verdict = this.#options.authentication.check(headers.authorization, address);
      if (verdict !== "welcome") return this.#refuse(response, verdict, address, path, headers);
      this.#sessions.set(session.id, Date.now());
    }
    if (!rpc && !path.startsWith("/opsiclientd")) return this.#fail(response, 404, "Not found", path, headers);
    if (method === "HEAD") return this.#answer(response, 200, "", "application/json");
    if (method !== "POST" && method !== "GET") return this.#fail(response, 405, "Method not allowed", path, headers);
    const body = method === "GET" ? queryOf(url) : await readBody(request, maximumBodyBytes);
    if (body === null) return this.#fail(response, 413, "Request is too large", path, headers);
    await this.#rpc(body, request, response, rpc);
  }

  async #rpc(body: Uint8Array, { headers }: IncomingMessage, response: ServerResponse, rpc: boolean): Promise<void> {
    const serialization = requestSerialization(headers["content-type"]);
    const gone = new AbortController();
    response.once("close", () => gone.abort(new OpsiError("OpsiServiceConnectionError", "Caller has gone")));
    let status = 200;
    let value: unknown;
    let compression: ReturnType<typeof responseCompression> = "identity";
    try {
      compression = responseCompression(headers["accept-encoding"]?.toString());
      const limits = { ...defaultLimits, compressedBytes: maximumBodyBytes, decodedBytes: 4 * maximumBodyBytes };
      const request = decodeRequest(
        await decodeBody(body, headers["content-type"], headers["content-encoding"], limits),
      );
      const outcomes: RpcOutcome[] = [];
      for (const call of request.calls) outcomes.push(await this.#outcome(call, rpc, gone.signal));
      value = encodeAnswers(request, outcomes, serialization);
    } catch (error) {
      status = 400;
      value = envelopeError(toWireError(error, { details: false }));
    }
    const encoded = await encodeBody(value, serialization, compression, {
      independentBlocks: needsIndependentBlocks(headers["user-agent"]),
    });
    if (response.destroyed) return;
    response.writeHead(status, {
      ...encoded.headers,
      "content-type": contentTypeOf(serialization),
      "content-length": encoded.bytes.length,
    });
    response.end(encoded.bytes);
  }

  async #outcome(call: RpcCall, rpc: boolean, signal: AbortSignal): Promise<RpcOutcome> {
    try {
      if (rpc) return { result: await this.#options.relay(call, signal) };
      const methods = this.#options.methods();
      const found = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
      if (found === undefined) throw new OpsiError("ValueError", `Invalid method '${call.method}'`);
      this.#log.info({ method: call.method }, "called");
      return { result: (await found.run(...bindParameters(call.method, found, call.params))) ?? null };
    } catch (error) {
      if (!(error instanceof OpsiError)) this.#log.error({ method: call.method, err: error }, "method failed");
      return { error: toWireError(error, { details: false }) };
    }
  }

  #session(cookie: string | undefined): { id: string; authenticated: boolean } {
    const now = Date.now();
    for (const [id, used] of this.#sessions) if (now - used > sessionSeconds * 1000) this.#sessions.delete(id);
    // Read leniently: action processors send things like `NULL; session=…`.
    const given = /opsiclientd-session=([0-9a-f]{32})/.exec(cookie ?? "")?.[1];
    if (given !== undefined && this.#sessions.has(given)) {
      this.#sessions.delete(given); // moves to the end
      this.#sessions.set(given, now);
      return { id: given, authenticated: true };
    }
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= maximumSessions && oldest !== undefined) this.#sessions.delete(oldest);
    return { id: randomBytes(16).toString("hex"), authenticated: false };
  }

  #refuse(
    response: ServerResponse,
    verdict: Exclude<Verdict, "welcome">,
    address: string,
    path: string,
    headers: IncomingMessage["headers"],
  ): void {
    const { status, text } = refusals[verdict];
    if (status === 401 && headers["x-requested-with"] !== "XMLHttpRequest") {
      response.setHeader("WWW-Authenticate", 'Basic realm="opsi", charset="UTF-8"');
    }
    this.#log.warning({ address, path, verdict }, "access refused");
    this.#fail(response, status, verdict === "blocked" ? `Client '${address}' is blocked` : text, path, headers);
  }

  #fail(
    response: ServerResponse,
    status: number,
    text: string,
    path: string,
    headers: IncomingMessage["headers"],
  ): void {
    response.setHeader("x-opsi-error", text.slice(0, 64));
    const json = headers.accept?.includes("application/json") ? { error: text } : null;
    const body = path.startsWith("/rpc") ? sessionError(text) : json;
    if (body === null) this.#answer(response, status, text, "text/plain");
    else this.#answer(response, status, JSON.stringify(body), "application/json");
  }

  #answer(response: ServerResponse, status: number, body: string, type: string): void {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }
}

function queryOf(url: string): Uint8Array {
  const question = url.indexOf("?");
  try {
    return Buffer.from(question < 0 ? "" : decodeURIComponent(url.slice(question + 1)));
  } catch {
    return new Uint8Array();
  }
}

async function readBody(request: IncomingMessage, maximum: number): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximum) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
