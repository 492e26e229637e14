import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writeCaFile } from "@opsi-ts/protocol";
import { freePort } from "../../../protocol/src/testing/free-port.ts";
import { linux } from "../platform/linux.ts";
import { writeDurably } from "../state/durable-file.ts";
import { clientId, hostKey, TestService, type TestServiceOptions } from "./test-service.ts";

/** A service, a folder for an agent, and agents as real processes that may be killed. */
export interface TestSite extends AsyncDisposable {
  readonly service: TestService;
  readonly root: string;
  readonly controlPort: number;
  readonly folders: ReturnType<typeof linux.folders>;
  /** Words that products have written, in order. */
  trace(): string[];
  /** Line of a product's script that writes a word. */
  note(word: string): string;
  start(...options: string[]): TestAgent;
}

export interface TestAgent {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Waits until the agent's log holds this. */
  says(text: string | RegExp): Promise<void>;
  /** As the power fails: the agent and whatever it started. */
  powerOff(): Promise<void>;
  /** The agent alone. */
  kill(): Promise<void>;
  ends(): Promise<number | null>;
}

export interface SiteOptions extends TestServiceOptions {
  /** Sections of the agent's configuration file. */
  readonly events?: string;
  /** The real interpreter works, and scripts of products are opsi scripts; otherwise the stand-in and shell scripts. */
  readonly interpreter?: boolean;
}

export async function newSite(options: SiteOptions = {}): Promise<TestSite> {
  await using opening = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "opsi-agent-"));
  opening.defer(() => rm(root, { recursive: true, force: true }));
  const service = opening.use(await TestService.open(options));
  const folders = linux.folders(root);
  const controlPort = await freePort();
  const traceFile = join(root, "trace");
  const standIn = join(import.meta.dirname, "stand-in-processor.ts");
  const standInCommand = `[action_processor]
command = "${process.execPath}" "${standIn}" -opsiservice %service_url% -depotpath "%depot_path%" -clientid %global.host_id% -username %global.host_id% -password %global.opsi_host_key%`;
  await writeCaFile(join(folders.certificateFolder, "opsi-ca-cert.pem"), service.ca.pem);
  await writeDurably(
    folders.configurationFile,
    `; of the test
[global]
host_id = ${clientId}
opsi_host_key = ${hostKey}
verify_server_cert = true
[config_service]
url = ${service.url}
connection_timeout = 1
[control_server]
interface = 127.0.0.1
port = ${controlPort}
${options.interpreter === true ? "" : standInCommand}
${options.events ?? ""}`,
  );
  const agents: TestAgent[] = [];
  opening.defer(async () => {
    for (const agent of agents) await agent.powerOff();
  });
  const running = opening.move();
  return {
    service,
    root,
    controlPort,
    folders,
    trace: () => (existsSync(traceFile) ? readFileSync(traceFile, "utf8").trim().split("\n") : []),
    note: (word) => `echo ${word} >> ${traceFile}`,
    start(...words) {
      const agent = startAgent(root, words);
      agents.push(agent);
      return agent;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function startAgent(root: string, words: string[]): TestAgent {
  const main = join(import.meta.dirname, "../main.ts");
  const child = spawn(process.execPath, [main, "run", "--root", root, "--log-level", "7", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  const checks = new Set<() => void>();
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    for (const check of checks) check();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      resolve(code);
      for (const check of checks) check();
    });
  });
  const stateFile = join(linux.folders(root).stateFolder, "state.json");
  return {
    process: child,
    output: () => output,
    ends: () => ended,
    async says(text) {
      const matches = () => (typeof text === "string" ? output.includes(text) : text.test(output));
      await new Promise<void>((resolve, reject) => {
        const check = () => {
          if (matches()) resolve();
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`agent ended without saying ${text}:\n${output}`));
          else return;
          checks.delete(check);
        };
        checks.add(check);
        check();
      });
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async powerOff() {
      child.kill("SIGKILL");
      await ended;
      const group = /"processId": (\d+)/.exec(existsSync(stateFile) ? readFileSync(stateFile, "utf8") : "")?.[1];
      if (group === undefined) return;
      linux.signalGroup(Number(group), "SIGKILL");
      while (linux.processIdentity(Number(group)) !== null) await setTimeout(20);
    },
  };
}
