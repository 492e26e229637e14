import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "opsi-main-"));
  cleanUps.push(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

interface Run {
  readonly process: ChildProcess;
  output: string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  readonly listens: Promise<string>;
}

function run(words: string[], environment: Record<string, string> = {}): Run {
  const main = join(import.meta.dirname, "main.ts");
  const env = { PATH: process.env["PATH"] ?? "", OPSI_HOST_ID: "server.example.org", ...environment };
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  cleanUps.push(() => child.kill("SIGKILL"));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const { promise: listens, resolve } = Promise.withResolvers<string>();
  const result: Run = { process: child, output: "", ended, listens };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => {
      result.output += text;
      const url = /listens on (\S+)/.exec(result.output)?.[1];
      if (url !== undefined) resolve(url);
    });
  }
  return result;
}

const local = ["--interface", "127.0.0.1", "--port", "0"];

function get(url: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { rejectUnauthorized: false, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("SIGHUP has the access rules read again and ends nothing, whatever stands in them", async () => {
  const root = newRoot();
  const server = run([...local, "--root", root, "--log-level-stderr", "5"]);
  const url = await server.listens;
  const told = (text: string) => expect.poll(() => server.output, { timeout: 10_000 }).toContain(text);
  server.process.kill("SIGHUP");
  await told("access rules read");
  writeFileSync(join(root, "etc/opsi/backendManager/acl.conf"), "nonsense");
  server.process.kill("SIGHUP");
  await told("reload failed");
  expect(await get(url, "/status/short")).toBe(200);
});

test("a first start tells address, administrator, password and what to try; the second only the address", async () => {
  const root = newRoot();
  const first = run(["--root", root, ...local]);
  const url = await first.listens;
  await expect.poll(() => first.output).toContain("curl");
  const password = /Password\s+(\S+)/.exec(first.output)?.[1];
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  expect(await get(url, "/admin/session-list", { authorization })).toBe(200);
  first.process.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  const second = run(["--root", root, ...local]);
  await second.listens;
  expect(second.output).not.toContain("Password");
  second.process.kill("SIGINT");
  expect(await second.ended).toBe(0);
});

test("a given password is not printed", async () => {
  const started = run(["--root", newRoot(), ...local], { OPSI_ADMIN_PASSWORD: "very secret" });
  await started.listens;
  await expect.poll(() => started.output).toContain("as given in OPSI_ADMIN_PASSWORD");
  expect(started.output).not.toContain("very secret");
});

test("a port in use is told as such, code 1; the administrator's password is told by the start that succeeds", async () => {
  const other = createServer();
  cleanUps.push(() => other.close());
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
  });
  const root = newRoot();
  const failed = run(["--root", root, "--interface", "127.0.0.1", "--port", String(port)]);
  expect(await failed.ended).toBe(1);
  expect(failed.output).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use.*--port NUMBER`));
  const second = run(["--root", root, ...local]);
  await second.listens;
  await expect.poll(() => second.output).toContain("shown only this once");
});

test("wrong options are told with what was meant, code 1", async () => {
  const failed = run(["--prot", "1"]);
  expect(await failed.ended).toBe(1);
  expect(failed.output).toContain("Unknown option --prot. Did you mean 'port'?");
});

test("help and version need no site", async () => {
  const help = run(["--help"]);
  expect(await help.ended).toBe(0);
  expect(help.output).toContain("--session-lifetime");
  const version = run(["--version"]);
  expect(await version.ended).toBe(0);
  expect(version.output).toMatch(/^4\.3\.\d+.* \[python-opsi-common=4\.3\./);
});

test("a request that is under way is answered before the service ends", async () => {
  const started = run(["--root", newRoot(), ...local]);
  const url = await started.listens;
  // the answer comes after two seconds, long after the signal
  const id = await new Promise<string>((resolve) => {
    request(`${url}/auth/session_id`, { rejectUnauthorized: false }, (response) => {
      response.on("data", (data: Buffer) => resolve(JSON.parse(data.toString()) as string));
    }).end();
  });
  const waiting = new Promise<number>((resolve, reject) => {
    const options = { method: "POST", rejectUnauthorized: false, headers: { "content-type": "application/json" } };
    const sent = request(`${url}/auth/wait_authenticated?session_id=${id}`, options, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end('{"wait_time":2}');
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  started.process.kill("SIGTERM");
  expect(await waiting).toBe(401);
  expect(await started.ended).toBe(0);
});
