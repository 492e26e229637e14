import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { dirname, join } from "node:path";
import { freePort } from "../../packages/protocol/src/testing/free-port.ts";
import { startServerProgram } from "../server-program.ts";
import { temporaryFolder } from "./processes.ts";

const password = "benchmark";

export interface BenchSite extends AsyncDisposable {
  readonly root: string;
  readonly url: string;
  /** Cookie of the administrator's session. */
  readonly cookie: string;
  call(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Requests in the administrator's session, answers unread. */
  send(path: string, body: string | null): Promise<BenchAnswer>;
  /** The same in the session that somebody else has or, without one, gets for `name:password`. */
  sendAs(login: string, cookie: string | null, path: string, body: string | null): Promise<BenchAnswer>;
  /** The most megabytes of memory that the server ever had. */
  peakMemory(): number;
  /** Seconds that processors have worked for the server until now. */
  processorTime(): number;
}

export interface BenchAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly bytes: number;
  /** The first megabyte. */
  readonly text: string;
  readonly cookie: string | null;
}

/** Of user and system, in hundredths of a second. (proc_pid_stat(5), fields 14 and 15) */
function processorTime(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * A server of ours in a process of its own, with these options.
 *
 * @param files that it finds below etc/opsi, with what stands there
 */
export async function startSite(
  words: readonly string[] = [],
  files: readonly (readonly [path: string, text: string])[] = [],
): Promise<BenchSite> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder("site"));
  for (const [path, text] of files) {
    const file = join(folder.path, "etc/opsi", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const port = await freePort();
  const environment = { OPSI_ADMIN_PASSWORD: password, OPSI_HOST_ID: "server.example.org" };
  const server = opening.use(await startServerProgram({ root: folder.path, port, words }, environment));
  const url = `https://127.0.0.1:${port}`;
  // Shorter than the server keeps idle connections, so that none is cut just when it is used again.
  const agent = new Agent({ keepAlive: true, timeout: 3000, rejectUnauthorized: false });
  opening.defer(() => agent.destroy());

  const send = (path: string, body: string | null, login?: string, cookie = "") =>
    new Promise<BenchAnswer>((resolve, reject) => {
      const headers: Record<string, string> = {
        "Content-Type": "application/json",
        Cookie: cookie,
        "User-Agent": "bench/1",
      };
      if (login !== undefined) headers["Authorization"] = `Basic ${Buffer.from(login).toString("base64")}`;
      const call = request(url + path, { method: body === null ? "GET" : "POST", agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes < 1_000_000) chunks.push(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          const set = /opsiconfd-session=[0-9a-f]+/.exec(response.headers["set-cookie"]?.[0] ?? "")?.[0] ?? null;
          const { statusCode: status = 0, rawHeaders: headers } = response;
          resolve({ status, headers, bytes, text: Buffer.concat(chunks).toString(), cookie: set });
        });
      });
      call.on("error", reject);
      call.end(body ?? undefined);
    });

  const requestBody = (method: string, params: readonly unknown[]) =>
    JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const { cookie } = await send("/rpc", requestBody("backend_info", []), `admin:${password}`);
  if (cookie === null) throw new Error("no session");
  const running = opening.move();
  return {
    root: folder.path,
    url,
    cookie,
    send: (path, body) => send(path, body, undefined, cookie),
    sendAs: (login, given, path, body) =>
      given === null ? send(path, body, login) : send(path, body, undefined, given),
    peakMemory: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1024,
    processorTime: () => processorTime(server.pid),
    call: async (method, params) => {
      const { text } = await send("/rpc", requestBody(method, params), undefined, cookie);
      const answer = JSON.parse(text) as { result?: unknown; error?: { message: string } };
      if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
      return answer.result;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
