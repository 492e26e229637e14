import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "@opsi-ts/logging";
import { actAs, actorOf } from "../audit/actor.ts";
import type { RpcService } from "../rpc/rpc-service.ts";
import { Exchange } from "./exchange.ts";
import { refuse } from "./refuse.ts";
import type { ResponseHeaders } from "./response-headers.ts";
import type { Router } from "./router.ts";
import { answerRpc } from "./rpc-route.ts";
import type { SessionLayer } from "./session-layer.ts";

/** Answers requests outside the router: it may decline. WebDAV folders are one. */
export interface Mount {
  /** Does this path belong to it? */
  covers(path: string): boolean;
  handle(exchange: Exchange): Promise<void>;
}

export interface HttpServiceParts {
  readonly layer: SessionLayer;
  readonly headers: ResponseHeaders;
  readonly router: Router;
  readonly mounts: readonly Mount[];
  readonly rpc: Pick<RpcService, "answer">;
  /** bytes */
  readonly maxBody: number;
  readonly log: Log;
}

/**
 * From a request to its answer: session layer, then `/rpc`, mounts or routes.
 * Hot path (bench one-host): a request with a valid session makes one promise for its body and one for its answer.
 */
export function httpService(parts: HttpServiceParts): (request: IncomingMessage, response: ServerResponse) => void {
  const { layer, headers, router, mounts, rpc, maxBody, log } = parts;

  function route(exchange: Exchange): void | Promise<void> {
    exchange.sessionDone = performance.now();
    if (exchange.path.startsWith("/rpc")) return answerRpc(exchange, rpc, maxBody, refuse);
    for (const mount of mounts) if (mount.covers(exchange.path)) return mount.handle(exchange);
    const { session, address, method, path } = exchange;
    const caller = session ?? { username: "", hostId: null, address };
    return actAs(actorOf(caller, `${method} ${path}`), () => router.handle(exchange));
  }

  return (request, response) => {
    response.sendDate = false;
    const exchange = new Exchange(request, response, headers, log);
    response.on("error", ignore); // the client is gone
    try {
      const entering = layer.enter(exchange);
      const answering = entering === undefined ? route(exchange) : entering.then(() => route(exchange));
      if (answering !== undefined) answering.catch((error: unknown) => refuse(exchange, error));
    } catch (error) {
      refuse(exchange, error);
    }
  };
}

const ignore = () => undefined;
