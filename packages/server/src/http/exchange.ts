import type { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import { TLSSocket } from "node:tls";
import type { Log } from "@opsi-ts/logging";
import type { Session } from "../auth/session.ts";
import type { ResponseHeaders } from "./response-headers.ts";

/** Header names and values in turn, as node:http takes them fastest. */
export type HeaderList = readonly string[];

/** One request with its response, and what the session layer found out about it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** As sent, without query. */
  readonly rawPath: string;
  /** Decoded and rewritten (service 1.2, step 1). */
  path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /** Client address in compressed notation, of the client behind a trusted proxy. */
  address = "";
  /** null only on public paths that need none. */
  session: Session | null = null;
  sendCookie = false;
  newHostId: string | null = null;
  /** performance.now() at the start, and after the session layer. */
  readonly started = performance.now();
  sessionDone = 0;
  readonly #headers: ResponseHeaders;
  readonly #log: Log;

  constructor(request: IncomingMessage, response: ServerResponse, headers: ResponseHeaders, log: Log) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? "GET";
    this.#headers = headers;
    this.#log = log;
    const url = request.url ?? "/";
    const target = url.charCodeAt(0) === 47 ? url : withoutOrigin(url);
    const mark = target.indexOf("?");
    this.rawPath = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? "" : target.slice(mark + 1);
    this.path = this.rawPath.includes("%") ? decodePath(this.rawPath) : this.rawPath;
  }

  /** Logs a failure that nobody expected, once, where it is handled. */
  report(error: unknown): void {
    const fields = { subject: "http", client: this.address, method: this.method, path: this.path, err: error };
    this.#log.error(fields, "request failed");
  }

  /** A request header, "" if absent. */
  header(name: string): string {
    const value = this.request.headers[name];
    return typeof value === "string" ? value : (value?.join(", ") ?? "");
  }

  /** The certificate that the caller sent, and of which he has the key; who signed it is not checked. */
  get certificate(): X509Certificate | null {
    const { socket } = this.request;
    return socket instanceof TLSSocket ? (socket.getPeerX509Certificate() ?? null) : null;
  }

  /** Starts the response; every one passes here and gets the headers that all carry. The body follows. */
  writeHead(status: number, headers: HeaderList): void {
    this.response.writeHead(status, STATUS_CODES[status] ?? "", this.#headers.list(this, headers) as string[]);
  }

  /** A complete response. For HEAD the body is left out, its length stays. Large bodies go out in pieces. */
  send(status: number, headers: HeaderList, body: string | Uint8Array = ""): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    const bodiless = status === 204 || status === 304;
    this.writeHead(status, bodiless ? headers : headers.concat("content-length", String(length)));
    if (this.method === "HEAD" || bodiless) this.response.end();
    else if (typeof body === "string" || length <= pieceSize) this.response.end(body);
    else sendInPieces(this.response, body);
  }

  sendText(status: number, text: string, headers: HeaderList = []): void {
    this.send(status, ["content-type", "text/plain; charset=utf-8", ...headers], text);
  }

  sendHtml(status: number, html: string, headers: HeaderList = []): void {
    this.send(status, ["content-type", "text/html; charset=utf-8", ...headers], html);
  }

  sendJson(status: number, value: unknown, headers: HeaderList = []): void {
    this.send(status, ["content-type", "application/json", ...headers], JSON.stringify(value));
  }

  /** @param location below this service; relative, so that it holds behind proxies too */
  redirect(status: 301 | 307, location: string, headers: HeaderList = []): void {
    this.send(status, ["location", location, ...headers]);
  }
}

/** So much of a large body is encrypted at once; others wait for it. */
const pieceSize = 512 * 1024;

/** Writes the next piece when the socket has taken the one before; a caller who goes away ends it. */
function sendInPieces(response: ServerResponse, body: Uint8Array): void {
  let offset = 0;
  const next = () => {
    if (response.destroyed) return;
    const piece = body.subarray(offset, offset + pieceSize);
    offset += piece.length;
    if (offset >= body.length) response.end(piece);
    else response.write(piece, () => setImmediate(next));
  };
  next();
}

/** `https://host/path` as the request line of a proxy has it. */
function withoutOrigin(url: string): string {
  return /^https?:\/\/[^/?#]*(\/.*)?$/i.exec(url)?.[1] ?? url;
}

const lenientUtf8 = new TextDecoder("utf-8");

/** Percent-decoding that never fails: broken escapes stay, broken UTF-8 becomes U+FFFD. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    const bytes = Buffer.from(path)
      .toString("latin1")
      .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => {
        return String.fromCharCode(Number.parseInt(hex, 16));
      });
    return lenientUtf8.decode(Buffer.from(bytes, "latin1"));
  }
}
