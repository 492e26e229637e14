import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { OpsiError } from "@opsi-ts/model";
import { type Dispatcher, Pool } from "undici";
import { connectionError, HttpError, neverArrived } from "./http-error.ts";
import { LimitError } from "./limits.ts";
import type { ServiceAddress } from "./service-address.ts";

export interface TlsOptions {
  /** PEM of the certificates to trust; without it those of Node and of the system. */
  readonly ca?: string | string[];
  readonly rejectUnauthorized: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** How often and how long a request that can be repeated is repeated. */
export interface RetryOptions {
  readonly attempts: number;
  /** A service that wants more time than this is reported as unavailable instead. */
  readonly maximumDelayMilliseconds: number;
}

export interface HttpRequest {
  readonly method: string;
  /** Encoded, with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is given as a function that opens it anew for each attempt. */
  readonly body?: Uint8Array | string | (() => Readable);
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange; without it only silence ends it. */
  readonly timeoutMilliseconds?: number;
  /** The request may be repeated even if the service may have seen it. */
  readonly repeatable?: boolean;
  /** Statuses from 400 on that are answers, not errors. */
  readonly accept?: (status: number) => boolean;
}

/** An answer whose body is still on the way: read it or `discard` it, the connection is busy until then. */
export class HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly #discard: () => void;

  constructor(status: number, headers: Record<string, string>, body: AsyncIterable<Uint8Array>, discard: () => void) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.#discard = discard;
  }

  /** @throws LimitError before more than `maximum` bytes are held */
  async bytes(maximum: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.body) {
      size += chunk.length;
      if (size > maximum) throw new LimitError("compressedBytes", maximum, "OpsiBadRpcError");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }

  discard(): void {
    this.#discard();
  }
}

/** Silence on the line after which an exchange without a timeout of its own is given up. (service §6.2) */
const silenceMilliseconds = 60_000;
const maximumRedirects = 5;

/**
 * Keep-alive connections to one service: credentials, session cookie, redirects, repetition and the translation of
 * everything that can go wrong into OpsiError.
 */
export class HttpConnection implements AsyncDisposable {
  readonly address: ServiceAddress;
  readonly #pool: Pool;
  readonly #retry: RetryOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #cookies = new Map<string, string>();
  readonly #closing = new AbortController();
  #unavailableUntil = 0;

  /** @param headers sent with every request, credentials included */
  constructor(address: ServiceAddress, tls: TlsOptions, headers: Record<string, string>, retry: RetryOptions) {
    this.address = address;
    this.#headers = headers;
    this.#retry = retry;
    this.#pool = new Pool(address.origin, {
      connections: 16,
      // The service closes idle connections after 5 s (service §1.1).
      keepAliveTimeout: 4000,
      keepAliveMaxTimeout: 4000,
      headersTimeout: 0,
      // An opsi CA that somebody else signed is trusted without its issuer.
      connect: { timeout: 10_000, allowPartialTrustChain: true, ...tls },
    });
  }

  /** @throws HttpError, OpsiError OpsiServiceConnectionError and its kin, the signal's reason */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const wait = this.#unavailableUntil - Date.now();
    if (wait > this.#retry.maximumDelayMilliseconds) {
      throw new HttpError(503, "Service asked not to be called yet", String(Math.ceil(wait / 1000)));
    }
    if (wait > 0) await this.#pause(wait, request);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#follow(request);
      } catch (error) {
        const delay = this.#delayBeforeRetry(error, attempt, request.repeatable ?? false);
        if (delay === null) throw error;
        await this.#pause(delay, request);
      }
    }
  }

  /** Ends all exchanges. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new OpsiError("OpsiServiceConnectionError", "Connection was closed"));
    await this.#pool.destroy();
  }

  async #pause(milliseconds: number, request: HttpRequest): Promise<void> {
    const signal = this.#signal(request);
    await setTimeout(milliseconds, undefined, { signal }).catch(() => {
      throw request.signal?.aborted ? request.signal.reason : connectionError(signal.reason, this.address.origin);
    });
  }

  #delayBeforeRetry(error: unknown, attempt: number, repeatable: boolean): number | null {
    if (error instanceof HttpError && error.retryAfterSeconds !== undefined) {
      // The service did not touch the request, so even a writing call may be sent again.
      const delay = error.retryAfterSeconds * 1000;
      this.#unavailableUntil = Date.now() + delay;
      return attempt < this.#retry.attempts && delay <= this.#retry.maximumDelayMilliseconds ? delay : null;
    }
    if (attempt >= this.#retry.attempts || this.#closing.signal.aborted) return null;
    if (!(error instanceof OpsiError)) return null;
    const lost = error.class === "OpsiServiceConnectionError" && repeatable;
    if (!lost && !neverArrived(error)) return null;
    return Math.min(this.#retry.maximumDelayMilliseconds, 200 * 2 ** (attempt - 1) * (1 + Math.random() / 2));
  }

  async #follow(request: HttpRequest): Promise<HttpResponse> {
    let { path } = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#exchange({ ...request, path });
      const location = response.headers["location"];
      if (response.status < 300 || response.status >= 400 || response.status === 304 || location === undefined) {
        if (response.status < 400 || request.accept?.(response.status)) return response;
        throw await this.#httpError(response);
      }
      response.discard();
      const target = URL.parse(location, this.address.origin + path);
      // Credentials go to this service and nowhere else.
      if (target?.origin !== new URL(this.address.origin).origin || redirects >= maximumRedirects) {
        throw new OpsiError("OpsiServiceError", `${request.method} ${path}: redirect is not followed`);
      }
      path = target.pathname + target.search;
    }
  }

  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const { origin } = this.address;
    const signal = this.#signal(request);
    const headers: Record<string, string> = { ...this.#headers, ...request.headers };
    if (this.#cookies.size > 0) {
      headers["cookie"] = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    }
    // undici may report an abort as its own error; the reason is what the caller wants to see.
    const translate = (error: unknown): unknown => {
      if (request.signal?.aborted) return request.signal.reason;
      return connectionError(signal.aborted ? signal.reason : error, origin);
    };
    let data: Dispatcher.ResponseData;
    try {
      data = await this.#pool.request({
        method: request.method as Dispatcher.HttpMethod,
        path: request.path,
        headers,
        body: typeof request.body === "function" ? request.body() : (request.body ?? null),
        signal,
        headersTimeout: request.timeoutMilliseconds === undefined ? silenceMilliseconds : 0,
        bodyTimeout: request.timeoutMilliseconds === undefined ? silenceMilliseconds : 0,
      });
    } catch (error) {
      throw translate(error);
    }
    // The original hands out other people's cookies with this status. (service §1.6)
    if (data.statusCode !== 401) this.#keepCookies(data.headers["set-cookie"]);
    const { body } = data;
    body.on("error", () => {}); // reported to whoever reads; nobody may be reading
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of body) yield chunk as Uint8Array;
      } catch (error) {
        throw translate(error);
      }
    };
    return new HttpResponse(
      data.statusCode,
      plainHeaders(data.headers),
      chunks(),
      () => void body.dump().catch(() => {}),
    );
  }

  #signal({ signal, timeoutMilliseconds }: HttpRequest): AbortSignal {
    const signals = [this.#closing.signal];
    if (signal !== undefined) signals.push(signal);
    if (timeoutMilliseconds !== undefined) signals.push(AbortSignal.timeout(timeoutMilliseconds));
    return AbortSignal.any(signals);
  }

  /** Name and value stand before the first `;`. `Max-Age=0` ends the session. (service §3.5) */
  #keepCookies(headers: string | string[] | undefined): void {
    for (const header of [headers ?? []].flat()) {
      const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(header) ?? [];
      if (name === undefined || value === undefined) continue;
      if (/;\s*max-age=0\s*(;|$)/i.test(header)) this.#cookies.delete(name);
      else this.#cookies.set(name, value.trim());
    }
  }

  async #httpError(response: HttpResponse): Promise<HttpError> {
    const text = await response.bytes(64 * 1024).then(
      (bytes) => errorText(Buffer.from(bytes).toString("utf8"), response.headers["content-type"] ?? ""),
      () => "",
    );
    return new HttpError(response.status, text, response.headers["retry-after"]);
  }
}

/** The text of an error page: member `error` or `message` of JSON, else plain text; HTML tells people nothing. */
export function errorText(body: string, contentType: string): string {
  if (contentType.includes("json")) {
    try {
      const value: unknown = JSON.parse(body);
      if (typeof value === "object" && value !== null) {
        const { error, message, detail } = value as Record<string, unknown>;
        const nested =
          typeof error === "object" && error !== null ? (error as Record<string, unknown>)["message"] : error;
        for (const text of [nested, message, detail]) if (typeof text === "string") return text;
      }
    } catch {
      return ""; // a broken error page: the status says enough
    }
  }
  return contentType.startsWith("text/plain") ? body.slice(0, 500).trim() : "";
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return plain;
}
