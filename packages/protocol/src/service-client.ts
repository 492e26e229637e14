import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { isOpsiError, OpsiError } from "@opsi-ts/model";
import { writeCaFile } from "./certificate-authority.ts";
import { decodeBody, encodeBody, type Serialization } from "./codecs.ts";
import type { Compression } from "./compression.ts";
import { type DownloadOptions, downloadFile } from "./download.ts";
import { errorText, HttpConnection, type HttpResponse, type RetryOptions } from "./http-connection.ts";
import { HttpError } from "./http-error.ts";
import { decodeAnswer, encodeCall } from "./json-rpc.ts";
import type { Limits } from "./limits.ts";
import { isReading, timeoutOf } from "./method-traits.ts";
import { readServerFeatures, type ServerFeatures } from "./server-version.ts";
import { encodePath, parseServiceAddress } from "./service-address.ts";
import { establishTrust, fetchCa, type TrustOptions } from "./trust.ts";
import { type UploadOptions, uploadFile } from "./upload.ts";
import { parseListing, type WebdavEntry } from "./webdav-listing.ts";

export interface ConnectOptions extends TrustOptions {
  /** `https://host[:4447][/rpc]`; see parseServiceAddress. */
  readonly url: string;
  /** Host id, `{hardware_address}…`, `{system_uuid}…` or user name. (service §3.2) */
  readonly username: string;
  readonly password: string;
  /** One-time password, sent with the first request only. */
  readonly totp?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Seconds; default 150. (service §6.2) */
  readonly sessionLifetime?: number | undefined;
  /** Take a renewed CA over into `caFile` after a verified connection; default only for trust-on-first-use. */
  readonly renewCa?: boolean | undefined;
  readonly clientCertificate?:
    | { readonly cert: string; readonly key: string; readonly passphrase?: string }
    | undefined;
  readonly retry?: Partial<RetryOptions> | undefined;
  /** For answers; default 256 MiB on the line, 1 GiB decompressed. */
  readonly limits?: Partial<Limits> | undefined;
  /** Ends connecting; an established client is ended by its disposal. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions {
  /** Default 300 s, hours for the methods that work on files. (service §6.5) */
  readonly timeoutMilliseconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions {
  /** Bytes from `start` to `end` inclusive; without `end` to the end of the file. */
  readonly range?: { readonly start: number; readonly end?: number } | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** A stream is given as a function that opens it. */
  readonly body?: Uint8Array | string | (() => Readable) | undefined;
  readonly timeoutMilliseconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const ourVersion = "0.1.0";
/** Never overwritten: on a server this file is the CA itself, not a copy of it. (service §6.4) */
const serversOwnCa = "/etc/opsi/ssl/opsi-ca-cert.pem";
/** Answers may hold all objects of a site. */
const answerLimits: Limits = {
  compressedBytes: 256 * 2 ** 20,
  decodedBytes: 2 ** 30,
  depth: 200,
  containers: Number.MAX_SAFE_INTEGER,
};

/**
 * A logged-in connection to an opsi service, original or ours. (service §6)
 *
 *     await using service = await ServiceClient.connect({ url, username, password, verify: "strict", caFile });
 *     const hosts = await service.call<Host[]>("host_getObjects", [["id"], { type: "OpsiClient" }]);
 */
export class ServiceClient implements AsyncDisposable {
  /** Dotted numbers from the `Server` header, `0` if it does not say. */
  readonly serverVersion: string;
  /** The `Server` header. */
  readonly serverName: string;
  /** `https://host:port`. */
  readonly origin: string;
  /** What the service can do. */
  readonly features: ServerFeatures;
  /** The id of the host, if it logged in under another name. (service §1.4) */
  readonly newHostId?: string;
  /** Clock of the service minus our own at the time of connecting; null if it did not say. */
  readonly clockOffsetMilliseconds: number | null;
  readonly #connection: HttpConnection;
  readonly #limits: Limits;
  #closed = false;

  private constructor(connection: HttpConnection, headers: Readonly<Record<string, string>>, limits: Limits) {
    this.#connection = connection;
    this.#limits = limits;
    this.serverName = headers["server"] ?? "";
    this.features = readServerFeatures(this.serverName);
    this.serverVersion = this.features.version;
    this.origin = connection.address.origin;
    const time = Number(headers["x-date-unix-timestamp"]);
    this.clockOffsetMilliseconds = time > 0 ? time * 1000 - Date.now() : null;
    const hostId = headers["x-opsi-new-host-id"]?.toLowerCase();
    if (hostId !== undefined && /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+){2,}$/.test(hostId)) this.newHostId = hostId;
  }

  /**
   * Verifies the service, logs in and learns what it can do. (service §6.3)
   *
   * @throws OpsiError OpsiServiceVerificationError, OpsiServiceAuthenticationError (401), OpsiServicePermissionError
   *   (403), OpsiServiceUnavailableError (503), OpsiServiceTimeoutError, OpsiServiceConnectionError
   */
  static async connect(options: ConnectOptions): Promise<ServiceClient> {
    const address = parseServiceAddress(options.url);
    const retry = { attempts: 3, maximumDelayMilliseconds: 10_000, ...options.retry };
    const trust = await establishTrust(address, options, retry, options.signal);
    await using opening = new AsyncDisposableStack();
    const credentials = Buffer.from(`${options.username}:${options.password}`, "utf8").toString("base64");
    const connection = opening.use(
      new HttpConnection(
        address,
        { ...trust.tls, ...options.clientCertificate },
        {
          authorization: `Basic ${credentials}`,
          "user-agent": options.userAgent ?? `opsi-ts/${ourVersion}`,
          "x-opsi-version": ourVersion,
          "x-opsi-session-lifetime": String(options.sessionLifetime ?? 150),
        },
        retry,
      ),
    );
    const response = await connection.send({
      method: "HEAD",
      path: address.rpcPath,
      headers: options.totp === undefined ? {} : { "x-opsi-mfa-otp": options.totp },
      signal: options.signal,
      timeoutMilliseconds: 60_000,
      repeatable: true,
      // 405: services before 4.2; 500: the control server of opsiclientd.
      accept: (status) => status === 405 || (status === 500 && address.port === 4441),
    });
    response.discard();
    await trust.confirm();
    const limits = { ...answerLimits, ...options.limits };
    const client = new ServiceClient(connection, response.headers, limits);
    const { caFile, verify } = options;
    if (caFile !== undefined && verify !== "none" && (options.renewCa ?? verify === "trust-on-first-use")) {
      if (caFile !== serversOwnCa)
        await writeCaFile(caFile, await fetchCa(connection, client.features.caPath, options.signal));
    }
    opening.move();
    return client;
  }

  /**
   * Calls a method. Reading methods are repeated when the line breaks, all are when the service did not take them.
   *
   * @throws RemoteError what the method threw; OpsiError as for connect
   */
  async call<T>(
    method: string,
    params: readonly unknown[] | Readonly<Record<string, unknown>> = [],
    options: CallOptions = {},
  ): Promise<T> {
    const serialization: Serialization = this.features.messagePack ? "msgpack" : "json";
    const compression: Compression = this.features.messagePack
      ? "lz4"
      : this.features.gzipRequests
        ? "gzip"
        : "identity";
    const id = randomUUID();
    const { bytes, headers } = await encodeBody(encodeCall(id, method, params), serialization, compression);
    const response = await this.#connection.send({
      method: "POST",
      path: this.#connection.address.rpcPath,
      headers: { ...headers, accept: headers["content-type"] ?? "", "accept-encoding": compression },
      body: bytes,
      signal: options.signal,
      timeoutMilliseconds: options.timeoutMilliseconds ?? timeoutOf(method),
      repeatable: isReading(method),
      // With these the service answers in the form of an RPC error.
      accept: (status) => status === 400 || status === 500,
    });
    const answer = decodeAnswer(await this.#decode(response, method));
    if ("error" in answer) throw answer.error;
    if (response.status >= 400) throw new HttpError(response.status, "");
    return answer.result as T;
  }

  /**
   * Reads a file below the service, e.g. `/depot/firefox_1/setup.opsiscript`. Paths are written as people write them
   * and encoded here.
   */
  async get(path: string, options: GetOptions = {}): Promise<HttpResponse> {
    const headers = { ...options.headers };
    if (options.range !== undefined) headers["range"] = `bytes=${options.range.start}-${options.range.end ?? ""}`;
    return this.request("GET", path, { ...options, headers });
  }

  /** Any other request. The answer's body must be read or discarded. Statuses from 400 on are thrown as HttpError. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    const query = options.query === undefined ? "" : `?${new URLSearchParams(options.query)}`;
    return this.#connection.send({
      method,
      path: encodePath(path) + query,
      headers: options.headers ?? {},
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds: options.timeoutMilliseconds }),
      signal: options.signal,
      repeatable: ["GET", "HEAD", "PROPFIND", "OPTIONS"].includes(method),
    });
  }

  /** Names in a folder, without the folder itself. (service §4.2, §4.3) */
  async webdavList(path: string, options: { signal?: AbortSignal } = {}): Promise<WebdavEntry[]> {
    const folder = path.endsWith("/") ? path : `${path}/`;
    const response = await this.request("PROPFIND", folder, { headers: { depth: "1" }, ...options });
    const listing = parseListing(Buffer.from(await response.bytes(this.#limits.compressedBytes)).toString("utf8"));
    return listing.filter((entry) => entry.path.replace(/\/$/, "") !== folder.replace(/\/$/, ""));
  }

  /** Removes a file or a folder with all that is in it. */
  async remove(path: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    (await this.request("DELETE", path, options)).discard();
  }

  /** Makes a folder; its parent must exist. One that is there already is fine. */
  async makeFolder(path: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    try {
      (await this.request("MKCOL", path, options)).discard();
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 405)) throw error;
    }
  }

  /** Copies a file of the service to disk; continues where an earlier attempt stopped. See downloadFile. */
  async download(path: string, targetFile: string, options: DownloadOptions = {}): Promise<void> {
    await downloadFile(this, path, targetFile, options);
  }

  /** Sends a file to the service. See uploadFile. */
  async upload(sourceFile: string, path: string, options: UploadOptions = {}): Promise<void> {
    await uploadFile(this, sourceFile, path, options);
  }

  /** Logs out and closes the connections; never fails. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const logout = this.features.restLogout
      ? this.request("POST", "/session/logout", { timeoutMilliseconds: 3000 }).then((response) => response.discard())
      : this.call("backend_exit", [], { timeoutMilliseconds: 3000 });
    await logout.catch(() => {}); // the session ends by itself
    await this.#connection[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #decode(response: HttpResponse, method: string): Promise<unknown> {
    const { headers } = response;
    const bytes = await response.bytes(this.#limits.compressedBytes);
    // The client trusts the type only if it is exactly this. (service §2.1)
    const type = headers["content-type"] === "application/msgpack" ? "application/msgpack" : "application/json";
    try {
      return await decodeBody(bytes, type, headers["content-encoding"], this.#limits);
    } catch (error) {
      if (response.status >= 400) {
        const text = errorText(Buffer.from(bytes).toString("utf8"), headers["content-type"] ?? "");
        throw new HttpError(response.status, text);
      }
      if (!isOpsiError(error)) throw error;
      throw new OpsiError("OpsiBadRpcError", `${method}: unreadable answer: ${error.message}`, { cause: error });
    }
  }
}
