import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { writeUsers } from "../../packages/server/src/auth/test-users.ts";
import type { Program } from "../program.ts";
import { startServerProgram } from "../server-program.ts";

/** Hosts, keys and users of every site of these tests. None of these texts may show up where they do not belong. */
export const server = { id: "server.corpus.test", key: "5e12f3a4b5c6d7e8f90123456789ab01" };
export const depot = { id: "depot.corpus.test", key: "de0123456789abcdef0123456789ab02" };
export const own = { id: "pc1.corpus.test", key: "c1a0123456789abcdef0123456789a03" };
export const other = { id: "pc2.corpus.test", key: "c2b0123456789abcdef0123456789b04" };
export const users = { admin: "boss", plain: "guest" } as const;
export const passwords = { boss: "Boss-Secret-4711", guest: "Guest-Secret-0815" } as const;

/** `name:password` of those who log in. */
export const admin = `boss:${passwords.boss}`;
export const plain = `guest:${passwords.guest}`;
export const client = `${own.id}:${own.key}`;
export const depotServer = `${depot.id}:${depot.key}`;

export interface SendOptions {
  /** `name:password`; the session that it gives is used again. */
  readonly login?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly json?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly text: string;
  readonly milliseconds: number;
}

export interface RpcError {
  readonly message: string;
  readonly class: string;
}

export interface RpcAnswer {
  readonly result: unknown;
  readonly error: RpcError | null;
}

export interface SiteOptions {
  /** Folder of the site; without it a temporary one. */
  readonly root?: string;
  readonly words?: readonly string[];
}

/** A server in a process of its own, with real HTTPS requests, whose memory, files and database can be looked at. */
export class FaultSite implements AsyncDisposable {
  readonly root: string;
  readonly port: number;
  readonly #words: readonly string[];
  readonly #ownsRoot: boolean;
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 64, timeout: 4000 });
  readonly #cookies = new Map<string, string>();
  #server: Program | null = null;
  /** Everything that the server has said to its callers. */
  readonly answers: string[] = [];

  private constructor(root: string, port: number, words: readonly string[], ownsRoot: boolean) {
    this.root = root;
    this.port = port;
    this.#words = words;
    this.#ownsRoot = ownsRoot;
  }

  static async start({ root, words = [] }: SiteOptions = {}): Promise<FaultSite> {
    const folder = root ?? mkdtempSync(join(tmpdir(), "opsi-faults-"));
    await using opening = new AsyncDisposableStack();
    const site = opening.use(new FaultSite(folder, await freePort(), words, root === undefined));
    writeUsers(join(folder, "etc/opsi/users.json"), {
      boss: { password: passwords.boss, groups: ["opsiadmin", "opsifileadmins"] },
      guest: { password: passwords.guest, groups: [] },
    });
    await site.run();
    opening.move();
    return site;
  }

  /** Starts the server, also again after `kill`. */
  async run(): Promise<void> {
    this.#cookies.clear();
    this.#server = await startServerProgram(
      { root: this.root, port: this.port, words: this.#words },
      { OPSI_HOST_ID: server.id, OPSI_HOST_KEY: server.key },
    );
  }

  get running(): boolean {
    return this.#server?.ended === false;
  }

  /** What the server has said on stdout and stderr. */
  get output(): string {
    return this.#server?.output ?? "";
  }

  /** As if the power failed. */
  async kill(): Promise<void> {
    await this.#server?.powerOff();
  }

  async send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const { login, json, headers: given = {} } = options;
    const body = json === undefined ? options.body : JSON.stringify(json);
    const cookie = login === undefined ? undefined : this.#cookies.get(login);
    const headers: Record<string, string> = {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(login === undefined || cookie !== undefined ? {} : { authorization: basic(login) }),
      ...(body === undefined || Object.hasOwn(given, "transfer-encoding")
        ? {}
        : { "content-length": String(Buffer.byteLength(body)) }),
      ...given,
    };
    const answer = await this.#exchange(method, path, headers, body);
    const set = /opsiconfd-session=[0-9a-f]+/.exec(answer.headers["set-cookie"] ?? "")?.[0];
    if (login !== undefined && set !== undefined && answer.status !== 401) this.#cookies.set(login, set);
    return answer;
  }

  #exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | Uint8Array | undefined,
  ): Promise<Answer> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const address = { host: "127.0.0.1", port: this.port, agent: this.#agent, maxHeaderSize: 100_000 };
      const options = { ...address, method, path, headers };
      const sent = httpsRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const received = Buffer.concat(chunks);
          const text = received.toString("utf8");
          const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
          const { "set-cookie": _cookie, ...told } = Object.fromEntries(flat);
          this.answers.push(`${JSON.stringify(told)}\n${text}`);
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(flat),
            body: received,
            text,
            milliseconds: performance.now() - started,
          });
        });
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // the server closed the idle connection just when it was used again
        if (sent.reusedSocket && error.code === "ECONNRESET" && this.running) {
          this.#exchange(method, path, headers, body).then(resolve, reject);
        } else reject(error);
      });
      sent.end(body);
    });
  }

  /** One call; errors are values. */
  async call(login: string, method: string, ...params: unknown[]): Promise<RpcAnswer> {
    const { text, status } = await this.send("POST", "/rpc", { login, json: { id: 1, method, params } });
    const { result = null, error = null } = JSON.parse(text) as { result?: unknown; error?: RpcError | string | null };
    return { result, error: typeof error === "string" ? { message: error, class: `status ${status}` } : error };
  }

  /** One call of the administrator that must succeed. */
  async must(method: string, ...params: unknown[]): Promise<unknown> {
    const { result, error } = await this.call(admin, method, ...params);
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** The id of the session that a login has. */
  sessionId(login: string): string {
    return this.#cookies.get(login)?.split("=")[1] ?? "";
  }

  /** Database and files, except for logs, times of logins and what comes and goes by itself. */
  snapshot(): Readonly<Record<string, string>> {
    return { ...databaseContent(join(this.root, "var/lib/opsi/opsi.sqlite")), ...folderContent(this.root) };
  }

  /** Resident memory in MB: now, and the most that it ever was. */
  memory(): { now: number; highest: number } {
    const text = readFileSync(`/proc/${this.#server?.pid}/status`, "utf8");
    const value = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024;
    return { now: value("VmRSS"), highest: value("VmHWM") };
  }

  /** From now on `highest` counts anew. */
  resetHighestMemory(): void {
    writeFileSync(`/proc/${this.#server?.pid}/clear_refs`, "5");
  }

  /** All log files of the service itself as one text. */
  logs(): string {
    const folder = join(this.root, "var/log/opsi/opsiconfd");
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.kill();
    if (this.#ownsRoot) rmSync(this.root, { recursive: true, force: true });
  }
}

export const basic = (login: string) => `Basic ${Buffer.from(login).toString("base64")}`;

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Columns that every login changes. */
const restless = new Set(["HOST.lastSeen", "HOST.ipAddress", "USER.lastLogin", "USER.created"]);

/** The rows of all tables as text, by table. */
function databaseContent(path: string): Record<string, string> {
  using database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const rows = database.prepare(`SELECT * FROM "${name}"`).all();
    for (const row of rows) for (const key of Object.keys(row)) if (restless.has(`${name}.${key}`)) delete row[key];
    content[`table ${name}`] = rows.map((row) => JSON.stringify(row)).join("\n");
  }
  return content;
}

/** Every file and folder below a folder with the sum of its content. Links are not followed. */
function folderContent(root: string): Record<string, string> {
  const content: Record<string, string> = {};
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(root, path);
      if (name.startsWith("var/log") || name.includes("opsi.sqlite")) continue;
      if (entry.isSymbolicLink()) content[name] = `-> ${readlinkSync(path)}`;
      else if (entry.isFile()) content[name] = createHash("sha256").update(readFileSync(path)).digest("hex");
      else content[name] = entry.isDirectory() ? "folder" : "special";
      if (entry.isDirectory()) folders.push(path);
    }
  }
  return content;
}

/**
 * Milliseconds that another request may wait: far more than on an idle machine, because the whole suite runs beside
 * it, and far less than what a blocked event loop or an unbounded expression takes.
 */
export const tolerableWait = 2500;

/**
 * While something goes on: how long others wait for `/status/short`. The first request is sent when it begins.
 *
 * @returns what it gave, and the longest wait in milliseconds
 */
export async function whileWatched<T>(site: FaultSite, work: Promise<T>): Promise<{ result: T; longest: number }> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  end.catch(() => undefined);
  let longest = 0;
  while (!done) {
    const { status, milliseconds } = await site.send("GET", "/status/short");
    if (status !== 200) throw new Error(`/status/short: ${status}`);
    longest = Math.max(longest, milliseconds);
    await sleep(5);
  }
  return { result: await end, longest };
}
