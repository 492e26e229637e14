import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { OpsiError } from "@opsi-ts/model";
import {
  contentTypeOf,
  decodeBody,
  encodeBody,
  needsIndependentBlocks,
  responseCompression,
  responseSerialization,
} from "../codecs.ts";
import { decodeRequest, encodeAnswers, envelopeError, type RpcOutcome, sessionError } from "../json-rpc.ts";
import { toWireError } from "../wire-errors.ts";
import type { TestCa } from "./certificates.ts";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface TestServiceOptions {
  readonly ca: TestCa;
  /** What the service offers for download; default `ca`. */
  readonly offeredCa?: () => string | undefined;
  readonly certificateNames?: string[];
  readonly server?: string;
  readonly methods?: Record<string, (...params: unknown[]) => unknown>;
  /** Answers a request itself by returning true; called before anything else, with the number of the request. */
  readonly intercept?: (request: SeenRequest, response: ServerResponse, number: number) => boolean | Promise<boolean>;
}

export interface TestService extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Ends all connections, as a restart does. */
  cutConnections(): void;
}

/** The pieces of a service that a client sees: TLS, login, session, `/rpc`, CA download, logout. (service §1-§3) */
export async function newService(options: TestServiceOptions): Promise<TestService> {
  const seen: SeenRequest[] = [];
  const sessions = new Set<string>();
  const names = options.certificateNames;
  const server = createServer(await options.ca.issue(names === undefined ? {} : { names }));
  server.on("request", (request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const body = await buffer(request);
    const call = { method, url, headers, body };
    seen.push(call);
    response.setHeader("Server", options.server ?? "opsiconfd 4.3.24.1 (uvicorn)");
    response.setHeader("X-Date-Unix-Timestamp", Math.floor(Date.now() / 1000) + 3600);
    if (await options.intercept?.(call, response, seen.length)) return;
    if (url === "/ssl/ca-certs.pem" || url === "/ssl/opsi-ca-cert.pem") {
      const pem = options.offeredCa === undefined ? options.ca.pem : options.offeredCa();
      response.writeHead(pem === undefined ? 404 : 200).end(pem);
      return;
    }
    const session = /opsiconfd-session=(\w+)/.exec(headers.cookie ?? "")?.[1] ?? "";
    if (!sessions.has(session)) {
      const credentials = Buffer.from(headers.authorization?.slice(6) ?? "", "base64").toString("utf8");
      const password = credentials.slice(credentials.lastIndexOf(":") + 1);
      if (password !== "geheim-ä") {
        response.writeHead(401, {
          "WWW-Authenticate": 'Basic realm="opsi", charset="UTF-8"',
          "content-type": "application/json",
        });
        response.end(JSON.stringify(sessionError("Authentication error")));
        return;
      }
      const id = (sessions.size + 1).toString(16).padStart(32, "0");
      sessions.add(id);
      response.setHeader("Set-Cookie", `opsiconfd-session=${id}; SameSite=Strict; Secure; path=/; Max-Age=150`);
    }
    if (url === "/session/logout") {
      sessions.delete(session);
      response.end('"session deleted"');
    } else if (method === "HEAD") response.end();
    else if (url.startsWith("/rpc")) await rpc(call, response);
    else response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');
  }

  async function rpc({ headers, body }: SeenRequest, response: ServerResponse): Promise<void> {
    const serialization = responseSerialization(headers["content-type"], headers["accept"]);
    let status = 200;
    let value: unknown;
    let compression: ReturnType<typeof responseCompression> = "identity";
    try {
      compression = responseCompression(headers["accept-encoding"]?.toString());
      const request = decodeRequest(await decodeBody(body, headers["content-type"], headers["content-encoding"]));
      const outcomes: RpcOutcome[] = [];
      for (const { method, params } of request.calls) {
        try {
          const run = options.methods?.[method];
          if (run === undefined) throw new OpsiError("ValueError", `Invalid method '${method}'`);
          outcomes.push({ result: await run(...(params as unknown[])) });
        } catch (error) {
          outcomes.push({ error: toWireError(error, { details: false }) });
        }
      }
      value = encodeAnswers(request, outcomes, serialization);
    } catch (error) {
      status = 400;
      value = envelopeError(toWireError(error, { details: false }));
    }
    const encoded = await encodeBody(value, serialization, compression, {
      independentBlocks: needsIndependentBlocks(headers["user-agent"]),
    });
    response.writeHead(status, { ...encoded.headers, "content-type": contentTypeOf(serialization) });
    response.end(encoded.bytes);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    seen,
    cutConnections: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
