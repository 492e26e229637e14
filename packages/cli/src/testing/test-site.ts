import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOpsi } from "../run-opsi.ts";
import { testSurroundings } from "./test-surroundings.ts";

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly errors: string;
}

export interface TestSite extends AsyncDisposable {
  readonly url: string;
  readonly root: string;
  readonly password: string;
  /** A folder for the test's own files. */
  readonly folder: string;
  readonly hostId: string;
  /** Runs a command as the server's host, as on the server itself. */
  opsi(...words: string[]): Promise<Ran>;
  /** Like opsi; the answer as JSON. Fails if the command does. */
  json<T>(...words: string[]): Promise<T>;
  /** Runs with these environment variables and nothing else. */
  opsiIn(environment: Record<string, string>, ...words: string[]): Promise<Ran>;
}

/** A real service with an empty site in a temporary folder, on a free port. */
export async function startTestSite(): Promise<TestSite> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-cli-test-"));
  const root = join(folder, "site");
  const password = "test-Password-1";
  const main = fileURLToPath(new URL("../../../server/src/main.ts", import.meta.url));
  const words = ["--root", root, "--port", "0", "--interface", "127.0.0.1", "--host-id", "server.example.org"];
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, OPSI_ADMIN_PASSWORD: password },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const close = async () => {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk;
      const port = /listens on https:\/\/\S+:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(`https://localhost:${port}`);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", () => reject(new Error(`the service did not start: ${said}`)));
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });

  await untilCertified(url);

  async function opsiIn(environment: Record<string, string>, ...args: string[]): Promise<Ran> {
    const surroundings = testSurroundings({ environment, home: join(folder, "home"), folder });
    const exitCode = await runOpsi(args, surroundings);
    return { exitCode, out: surroundings.out(), errors: surroundings.errors() };
  }
  const opsi = (...args: string[]) => opsiIn({}, "--root", root, "--service", url, ...args);
  return {
    url,
    root,
    password,
    folder,
    hostId: "server.example.org",
    opsi,
    opsiIn,
    async json<T>(...args: string[]) {
      const { exitCode, out, errors } = await opsi("--output", "json", ...args);
      if (exitCode !== 0) throw new Error(`opsi ${args.join(" ")}: ${errors}`);
      return JSON.parse(out) as T;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** A new site makes its CA while it already listens; who asks for it gets it when it is there. */
async function untilCertified(url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = get(`${url}/ssl/opsi-ca-cert.pem`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().once("end", resolve);
    });
    request.once("error", reject);
  });
}
