import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Traffic } from "./metrics.ts";

/** Counts requests, and the bytes of the connections on which they came. */
export class TrafficCounter {
  readonly #sockets = new Set<Socket>();
  #requests = 0;
  /** Of connections that are closed. */
  #bytesRead = 0;
  #bytesWritten = 0;

  /** A handler that counts what it hands on. Hot path (bench one-host): a connection is looked at once. */
  counting(handle: (request: IncomingMessage, response: ServerResponse) => void): typeof handle {
    return (request, response) => {
      this.#requests++;
      if (!this.#sockets.has(request.socket)) this.#watch(request.socket);
      handle(request, response);
    };
  }

  /** What was counted up to now. */
  get totals(): Traffic {
    let [bytesRead, bytesWritten] = [this.#bytesRead, this.#bytesWritten];
    for (const socket of this.#sockets) {
      bytesRead += socket.bytesRead;
      bytesWritten += socket.bytesWritten;
    }
    return { requests: this.#requests, bytesRead, bytesWritten, connections: this.#sockets.size };
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#bytesRead += socket.bytesRead;
      this.#bytesWritten += socket.bytesWritten;
    });
  }
}
