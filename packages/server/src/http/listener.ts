import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { watchBodies } from "./body.ts";

/** What TLS needs; PEM. */
export interface TlsMaterial {
  /** One or more, of different kinds; the client's abilities decide. */
  readonly key: readonly string[];
  /** Leaf first; the opsi CA only if it is no root. */
  readonly cert: readonly string[];
}

export interface ListenerSettings {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly ciphers: string;
  /** Ask callers for certificates; whether one is needed, and a good one, says the login. */
  readonly asksForCertificates: boolean;
  /** seconds after which a request is cut whose body stopped coming */
  readonly bodyIdleTimeout: number;
  /** seconds that open requests get when the listener is closed */
  readonly stopTimeout: number;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** The certificate for connections from now on. */
  useCertificate(material: TlsMaterial): void;
}

/**
 * HTTPS, HTTP/1.1 only. Disposal lets open requests finish within the limit, then cuts. (service 1.1)
 *
 * @throws the system's error, e.g. EADDRINUSE
 */
export async function openListener(
  settings: ListenerSettings,
  material: TlsMaterial,
  bareHeaders: () => string,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listener> {
  // iPXE 1.20.1 knows static RSA with CBC only (AES128-SHA256): the default of Node would lock it out
  const tls = (wanted: TlsMaterial) => ({
    key: [...wanted.key],
    cert: [...wanted.cert],
    ciphers: opensslCiphers(settings.ciphers),
    minVersion: "TLSv1.2" as const,
  });
  const server = createServer(
    {
      ...tls(material),
      ALPNProtocols: ["http/1.1"],
      requestCert: settings.asksForCertificates,
      rejectUnauthorized: false,
      keepAliveTimeout: 5000,
      headersTimeout: 60_000,
      requestTimeout: 0, // uploads of any length; `watchBodies` cuts those that stand still
      maxHeaderSize: 64 * 1024,
      noDelay: true,
      keepAlive: true,
      joinDuplicateHeaders: false,
    },
    onRequest,
  );
  const sockets = trackSockets(server);
  const bodies = watchBodies(server, settings.bodyIdleTimeout);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseMalformed(error, socket, bareHeaders));
  server.on("tlsClientError", () => undefined); // scanners and clients that do not trust us yet
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: settings.host, port: settings.port, backlog: settings.backlog }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: (wanted) => server.setSecureContext(tls(wanted)),
    [Symbol.asyncDispose]: async () => {
      await close(server, sockets, settings.stopTimeout);
      bodies[Symbol.dispose]();
    },
  };
}

/**
 * The option speaks OpenSSL's list syntax; `TLSv1.2` there means every suite of TLS 1.2, which OpenSSL 3 at its default
 * security level leaves to us to order: forward secrecy first, static RSA last. TLS 1.3 suites have to be named too.
 */
function opensslCiphers(ciphers: string): string {
  return `TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:${ciphers}`;
}

function trackSockets(server: HttpsServer): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return sockets;
}

async function close(server: HttpsServer, sockets: ReadonlySet<Socket>, seconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // a connection whose last answer was just sent is idle from now on: it would stay for the keep-alive time
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const timer = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  }, seconds * 1000);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}

function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Socket | import("node:stream").Duplex,
  headers: () => string,
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const text = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "Request timeout" : "Invalid HTTP request received.";
  const own = `connection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${text.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers()}${own}\r\n\r\n${text}`);
}
