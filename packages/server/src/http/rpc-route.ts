import type { RpcAnswer, RpcService } from "../rpc/rpc-service.ts";
import { collectBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { sendMethodNotAllowed } from "./router.ts";

/**
 * `/rpc` and every path that begins so. GET and POST carry a request, HEAD is the login request of clients.
 * Hot path (bench one-host): reached without the router, callbacks in place of promises. (service 2.1)
 */
export function answerRpc(
  exchange: Exchange,
  service: Pick<RpcService, "answer">,
  maxBody: number,
  onError: (exchange: Exchange, error: unknown) => void,
): void {
  const { method, request, session } = exchange;
  if (method === "HEAD") {
    exchange.send(200, []);
    return;
  }
  if ((method !== "POST" && method !== "GET") || session === null) {
    sendMethodNotAllowed(exchange, ["HEAD"]); // the original names no other
    return;
  }
  const fail = (error: unknown) => onError(exchange, error);
  collectBody(
    request,
    maxBody,
    (body) => {
      const { headers } = request;
      const rpcRequest = {
        body,
        contentType: headers["content-type"] ?? "",
        contentEncoding: headers["content-encoding"] ?? "",
        accept: headers.accept ?? "",
        acceptEncoding: String(headers["accept-encoding"] ?? ""),
        userAgent: headers["user-agent"] ?? "",
        query: exchange.query,
      };
      service.answer(rpcRequest, session).then((answer) => answers.add({ exchange, answer, fail }), fail);
    },
    fail,
  );
}

interface Waiting {
  readonly exchange: Exchange;
  readonly answer: RpcAnswer;
  readonly fail: (error: unknown) => void;
}

/**
 * Answers leave together at the end of a turn of the event loop. Hot path (bench one-host): each write on its own wakes
 * the program at the other end, which costs more than everything else about a short answer (13,000 calls a second before,
 * 29,000 since).
 */
class AnswersOfOneTurn {
  #waiting: Waiting[] = [];

  add(waiting: Waiting): void {
    if (this.#waiting.push(waiting) === 1) setImmediate(() => this.#sendAll());
  }

  #sendAll(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (const { exchange, answer, fail } of all) {
      try {
        send(exchange, answer);
      } catch (error) {
        fail(error);
      }
    }
  }
}

const answers = new AnswersOfOneTurn();

function send(exchange: Exchange, answer: RpcAnswer): void {
  if (exchange.response.destroyed) return; // the caller did not wait
  const list = headerList(answer.headers);
  exchange.send(answer.status, list, answer.body);
}

/** Most answers share one set of headers. */
const headerLists = new WeakMap<RpcAnswer["headers"], string[]>();

function headerList(headers: RpcAnswer["headers"]): string[] {
  let list = headerLists.get(headers);
  if (list === undefined) {
    list = Object.entries(headers).flat();
    headerLists.set(headers, list);
  }
  return list;
}
