import type { ServerResponse } from "node:http";
import { readBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { sendMethodNotAllowed } from "./router.ts";
import type { RpcService } from "./rpc-service.ts";

/**
 * `/rpc` and every path that begins so. GET and POST carry a request, HEAD is the login request of clients.
 * Hot path (rpc.bench): reached without the router, headers laid out by hand. (service 2.1)
 */
export async function answerRpc(exchange: Exchange, service: RpcService, maxBody: number): Promise<void> {
  const { method, request, session } = exchange;
  if (method === "HEAD") return exchange.send(200, []);
  if ((method !== "POST" && method !== "GET") || session === null) return sendMethodNotAllowed(exchange, ["HEAD"]);
  const body = await readBody(request, maxBody);
  const { headers } = request;
  const answer = await service.answer(
    {
      body,
      contentType: headers["content-type"] ?? "",
      contentEncoding: headers["content-encoding"] ?? "",
      accept: headers.accept ?? "",
      acceptEncoding: String(headers["accept-encoding"] ?? ""),
      userAgent: headers["user-agent"] ?? "",
      query: exchange.query,
    },
    session,
  );
  const list = ["content-length", String(answer.body.length)];
  for (const name in answer.headers) list.push(name, answer.headers[name] ?? "");
  if (answer.timings !== undefined) exchange.timings = answer.timings;
  exchange.writeHead(answer.status, list);
  sendBody(exchange.response, answer.body);
}

/** Up to this size head and body leave in one piece. */
const smallBody = 32 * 1024;

/**
 * node joins head and body to one write only if both are text; as two pieces they took 30 µs longer, a third of the
 * request (rpc.bench). Latin-1 carries any bytes as they are.
 */
function sendBody(response: ServerResponse, body: Uint8Array): void {
  if (body.length > smallBody) response.end(body);
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1"), "latin1");
}
