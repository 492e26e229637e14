import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { linux } from "../platform/linux.ts";
import { hostKey } from "../testing/test-service.ts";
import { ownProcessor, processorCommand } from "./processor-command.ts";
import { runProcessor } from "./run-processor.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "opsi-processor-test-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const values = {
  serviceUrl: "https://127.0.0.1:4441/rpc",
  depotPath: "/cache/my depot",
  productIds: ["a", "b"],
  eventInfo: { User: "DOM\\me" },
  extra: ["-processproducts", "a,b"],
};

function configured(): AgentConfiguration {
  const configuration = new AgentConfiguration(linux, root, silentLog);
  configuration.set("global", "host_id", "pc1.example.org");
  configuration.set("global", "opsi_host_key", hostKey);
  return configuration;
}

test("the original's command line, without the key in it; our interpreter where no other is installed", () => {
  const command = processorCommand("%action_processor.command%", configured(), values);
  expect(command).toEqual({
    program: process.execPath,
    parameters: [
      ownProcessor(),
      ...[
        "-opsiservice",
        "https://127.0.0.1:4441/rpc",
        "-depotpath",
        "/cache/my depot",
        "-clientid",
        "pc1.example.org",
      ],
      ...["-processproducts", "a,b"],
    ],
    credentials: { username: "pc1.example.org", password: hostKey },
  });
  expect(existsSync(ownProcessor())).toBe(true);
});

test("another command with a list of products and words of the event", () => {
  const template =
    "/opt/other -PASSWORD x -username y -productlist %Action_Processor_ProductIds% -usercontext %event.user% %unknown%";
  expect(processorCommand(template, configured(), { ...values, extra: [] })).toEqual({
    program: "/opt/other",
    parameters: ["-productlist", "a,b", "-usercontext", "DOM\\me", "%unknown%"],
    credentials: { username: "y", password: "x" },
  });
});

test("an agent that dies between starting and noting leaves a processor that never begins", async () => {
  const mark = join(root, "mark");
  const { program, parameters } = linux.heldBack("/bin/sh", ["-c", `echo > ${mark}`]);
  const child = spawn(program, [...parameters], { stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.destroy();
  await new Promise((resolve) => child.once("close", resolve));
  expect(existsSync(mark)).toBe(false);
});

test("a start that cannot be noted ends the processor before it begins", async () => {
  const mark = join(root, "mark");
  const run = runProcessor(
    { program: "/bin/sh", parameters: ["-c", `echo > ${mark}`], credentials: null },
    {
      platform: linux,
      folder: join(root, "run/processor"),
      timeoutSeconds: 10,
      environment: process.env,
      log: silentLog,
      onStarted: () => Promise.reject(new Error("disk is full")),
    },
  );
  await expect(run).rejects.toThrow("disk is full");
  expect(existsSync(mark)).toBe(false);
});

test("a limit of months is not taken for none", async () => {
  const outcome = await runProcessor(
    { program: "/bin/sh", parameters: ["-c", "sleep 0.3"], credentials: null },
    {
      platform: linux,
      folder: join(root, "run/processor"),
      timeoutSeconds: 9_999_999,
      environment: process.env,
      log: silentLog,
      onStarted: async () => {},
    },
  );
  expect(outcome).toEqual({ exitCode: 0, timedOut: false });
});

test("what a killed run left in the folder is gone, and so is the folder in the end", async () => {
  const folder = join(root, "run/processor");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "credentials"), "password=old");
  const { exitCode } = await runProcessor(
    { program: "/bin/sh", parameters: ["-c", "test ! -e credentials"], credentials: null },
    {
      platform: linux,
      folder,
      timeoutSeconds: 10,
      environment: process.env,
      log: silentLog,
      onStarted: async () => {},
    },
  );
  expect(exitCode).toBe(0);
  expect(existsSync(folder)).toBe(false);
});

test("a program that is not there says so", async () => {
  const run = runProcessor(
    { program: join(root, "nothing"), parameters: [], credentials: null },
    {
      platform: linux,
      folder: join(root, "run/processor"),
      timeoutSeconds: 10,
      environment: process.env,
      log: silentLog,
      onStarted: async () => {},
    },
  );
  await expect(run).rejects.toThrow(/there is no such file/);
});
