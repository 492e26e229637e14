import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostRecord } from "../auth/host-directory.ts";
import type { HostType } from "../auth/session.ts";
import { writeUsers } from "../auth/test-users.ts";
import { readConfiguration } from "../configuration/read-options.ts";
import { type SiteFolders, siteFolders } from "../configuration/site-folders.ts";
import type { Core, CoreSurroundings, OpenCore } from "../core.ts";
import { CallHistory } from "../rpc/call-history.ts";
import { type Server, startServer } from "../start-server.ts";

/** A server on a port and in a folder of its own, for tests, with real HTTPS requests. */
export interface TestSite extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly folders: SiteFolders;
  readonly server: Server;
  readonly lines: readonly string[];
  /** Hosts that may log in. */
  readonly hosts: TestHost[];
  /** What logins told the data, and calls. */
  readonly notes: string[];
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
}

export interface TestHost {
  id: string;
  type: HostType;
  opsiHostKey: string;
  oneTimePassword?: string;
  ipAddress?: string;
  hardwareAddress?: string;
  systemUUID?: string;
}

export interface SendOptions {
  /** `name:password` */
  readonly login?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly json?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookie: string | null;
  readonly body: Buffer;
  readonly text: string;
  json(): unknown;
}

/** `adminuser` is administrator and file administrator, `plainuser` is nobody; passwords are the names. */
export const admin = "adminuser:adminuser";
export const user = "plainuser:plainuser";

/** @param core the real one, for what needs data; without it calls are echoed */
export async function startTestSite(words: readonly string[] = [], core?: OpenCore): Promise<TestSite> {
  const root = mkdtempSync(join(tmpdir(), "opsi-http-"));
  const folders = siteFolders(root);
  await using opening = new AsyncDisposableStack();
  opening.defer(() => rmSync(root, { recursive: true, force: true }));
  const configuration = readConfiguration({
    commandLine: ["--interface", "127.0.0.1", "--port", "0", "--host-id", "server.corpus.test", ...words],
    environment: {},
    defaultRoot: root,
    hostName: "server.corpus.test",
  });
  const lines: string[] = [];
  const hosts: TestHost[] = [];
  const notes: string[] = [];
  const openCore = core ?? (async (surroundings: CoreSurroundings) => testCore(surroundings, hosts, notes));
  writeUsers(configuration.options.usersFile, {
    adminuser: { password: "adminuser", groups: ["opsiadmin", "opsifileadmins"] },
    plainuser: { password: "plainuser", groups: [] },
  });
  const server = opening.use(await startServer(configuration, openCore, { stderr: (line) => lines.push(line) }));
  const agent = opening.adopt(new Agent({ keepAlive: true, rejectUnauthorized: false }), (one) => one.destroy());
  const running = opening.move();
  return {
    ...{
      url: server.url,
      port: server.port,
      folders,
      server,
      lines,
      hosts,
      notes,
    },
    send: (method, path, options = {}) => send(server.port, agent, method, path, options),
    [Symbol.asyncDispose]: async () => {
      await server.certificatesReady.catch(() => undefined); // it writes files
      await running.disposeAsync();
    },
  };
}

/** Echoes what it was asked as JSON, ends the session when the body says `exit`. */
function testCore({ endSession }: CoreSurroundings, hosts: TestHost[], notes: string[]): Core {
  const record = (host: TestHost): HostRecord => ({
    id: host.id,
    type: host.type,
    opsiHostKey: host.opsiHostKey,
    oneTimePassword: host.oneTimePassword ?? null,
    ipAddress: host.ipAddress ?? null,
  });
  return {
    rpc: {
      async answer({ body, query }, session) {
        notes.push(`called with ${body.length} bytes`);
        if (Buffer.from(body).toString() === "exit") endSession(session.id);
        const text = JSON.stringify({ user: session.username, length: body.length, query });
        return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(text) };
      },
    },
    hosts: {
      findHosts: (by) => {
        const [[key, value] = ["", ""]] = Object.entries(by);
        return hosts.filter((host) => host[key as keyof TestHost] === value).map(record);
      },
      existing: async (ids) => new Set(ids.filter((id) => hosts.some((host) => host.id === id))),
      noteLogin: (id, { ipAddress }) =>
        void notes.push(`${id} logged in${ipAddress === undefined ? "" : ` from ${ipAddress}`}`),
      clearOneTimePassword: (id) => {
        for (const host of hosts) if (host.id === id) host.oneTimePassword = "";
      },
      createClient: ({ id, opsiHostKey }) => {
        const host: TestHost = { id, type: "OpsiClient", opsiHostKey };
        hosts.push(host);
        return record(host);
      },
    },
    users: {
      noteUserLogin: async (name, { isAdmin }) => {
        notes.push(`${name} logged in, ${isAdmin ? "admin" : "no admin"}`);
        return { onlyReads: false, writesServer: true, isLimited: false };
      },
      secondFactor: async () => null,
      filePassword: () => null,
    },
    calls: new CallHistory(),
    reload: () => notes.push("reload"),
    routes: () => [],
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function send(port: number, agent: Agent, method: string, path: string, options: SendOptions): Promise<Answer> {
  const { login, json } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const headers: Record<string, string> = {
    ...(login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({ host: "127.0.0.1", port, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const received = Buffer.concat(chunks);
        const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(flat),
          cookie: /opsiconfd-session=[0-9a-f]+/.exec(String(response.headers["set-cookie"] ?? ""))?.[0] ?? null,
          body: received,
          text: received.toString("utf8"),
          json: () => JSON.parse(received.toString("utf8")) as unknown,
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
