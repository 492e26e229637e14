import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linux } from "../platform/linux.ts";
import { writeDurably } from "../state/durable-file.ts";
import { AgentConfiguration } from "./agent-configuration.ts";
import { fillPlaceholders, splitCommand } from "./placeholders.ts";
import { readFromService } from "./read-from-service.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "opsi-configuration-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function configured(text: string): Promise<AgentConfiguration> {
  const configuration = new AgentConfiguration(linux, root, silentLog);
  await writeDurably(configuration.folders.configurationFile, text);
  await configuration.readFile();
  return configuration;
}

describe("setting a value (agent §2.2)", () => {
  test.each<[section: string, option: string, given: unknown, value: unknown]>([
    ["GLOBAL", " Log_Level ", "7", 7],
    ["", "log_level", "8", 8],
    ["global", "verify_server_cert", "True", true],
    ["global", "verify_server_cert", "0", false],
    ["global", "host_id", "PC_1.example.org", "pc-1.example.org"],
    [
      "config_service",
      "url",
      "https://a:4447/rpc, https://b:4447, https://a:4447/rpc",
      ["https://a:4447/rpc", "https://b:4447"],
    ],
    ["config_service", "connection_timeout", "-4", 0],
    ["control_server", "interface", "127.0.0.1, ::1", ["127.0.0.1", "::1"]],
    ["event_on_demand", "warning_time", "x", 0],
    ["event_on_demand", "active", "off", false],
    ["global", "max_log_transfer_size", "1", 1],
  ])("[%s] %s = %j", (section, option, given, value) => {
    const configuration = new AgentConfiguration(linux, root, silentLog);
    expect(configuration.set(section, option, given)).toBe(true);
    const name = option.trim().toLowerCase() === "warning_time" ? "action_warning_time" : option.trim().toLowerCase();
    expect(configuration.value(`${section.toLowerCase() || "global"}.${name}`)).toEqual(value);
  });

  test.each<[section: string, option: string, given: unknown]>([
    ["global", "unknown", "1"],
    ["unknown", "x", "1"],
    ["global", "host_id", ""],
    ["global", "host_id", "pc1"],
    ["global", "opsi_host_key", "short"],
    ["global", "log_level", "much"],
    ["depot_server", "drive", "p:"],
    ["system", "program_files_dir", "c:\\"],
  ])("refused: [%s] %s = %j", (section, option, given) => {
    const configuration = new AgentConfiguration(linux, root, silentLog);
    const before = configuration.toObject();
    expect(configuration.set(section, option, given)).toBe(false);
    expect(configuration.toObject()).toEqual(before);
  });
});

test("values of the service are kept in the file, which only root may read; unknown options vanish", async () => {
  const configuration = await configured(
    "; mine\n[global]\nhost_id = pc1.example.org\nnonsense = 1\n\n[event_mine]\ntype = custom\n",
  );
  const values = {
    "opsiclientd.global.log_level": ["7"],
    "opsiclientd.event_timer.active": [true],
    "opsiclientd.event_on_demand{user_logged_in}.shutdown_warning_time": ["60"],
    "clientconfig.configserver.url": ["https://server.example.org:4447"],
    "clientconfig.depot.drive": ["p:"],
    "clientconfig.depot.id": [],
    "opsiclientd.too_short": [1],
  };
  const calls: unknown[] = [];
  const service = {
    call: async <T>(method: string, params: unknown) => {
      calls.push([method, params]);
      return { "pc1.example.org": values } as T;
    },
  };
  await readFromService(configuration, service, silentLog);
  expect(calls).toEqual([
    [
      "configState_getValues",
      [
        [
          "clientconfig.configserver.url",
          "clientconfig.depot.drive",
          "clientconfig.depot.id",
          "clientconfig.depot.user",
          "clientconfig.suspend_bitlocker_on_reboot",
          "clientconfig.wan_vpn",
          "opsiclientd.*",
        ],
        ["pc1.example.org"],
        true,
      ],
    ],
  ]);
  const written = await readFile(configuration.folders.configurationFile, "utf8");
  expect(written).toContain("; mine");
  expect(written).not.toContain("nonsense");
  const again = new AgentConfiguration(linux, root, silentLog);
  await again.readFile();
  expect(again.number("global.log_level")).toBe(7);
  expect(again.flag("event_timer.active")).toBe(true);
  expect(again.text("event_mine.type")).toBe("custom");
  expect(again.list("config_service.url")).toEqual(["https://server.example.org:4447"]);
  expect(again.number("event_on_demand{user_logged_in}.shutdown_warning_time")).toBe(60);
  expect(again.text("depot_server.drive")).toBe("/media/opsi_depot");
});

test("a file that somebody changed meanwhile is not overwritten unless it must be", async () => {
  const configuration = await configured("[global]\nlog_level = 5\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeFile(configuration.folders.configurationFile, "[global]\nlog_level = 9\n");
  configuration.set("global", "log_level", 3);
  await configuration.writeFile(false);
  expect(await readFile(configuration.folders.configurationFile, "utf8")).toContain("log_level = 9");
  await configuration.writeFile(true);
  expect(await readFile(configuration.folders.configurationFile, "utf8")).toContain("log_level = 3");
  expect(dirname(configuration.folders.configurationFile)).toBe(join(root, "etc/opsi-client-agent"));
});

test("writes at the same time come one after the other", async () => {
  const configuration = await configured("[global]\nhost_id = pc1.example.org\n");
  const writes = [5, 6, 7].map((level) => {
    configuration.set("global", "log_level", level);
    return configuration.writeFile(true);
  });
  await Promise.all(writes);
  expect(await readFile(configuration.folders.configurationFile, "utf8")).toContain("log_level = 7");
});

test("names that every object has are names like others", async () => {
  const configuration = await configured("[event_mine]\nconstructor = x\n");
  const service = {
    call: async <T>() => ({ "": { constructor: ["x"], "opsiclientd.event_mine.constructor": ["y"] } }) as T,
  };
  await readFromService(configuration, service, silentLog);
  expect(configuration.value("event_mine.constructor")).toBe("y");
});

test("placeholders hold placeholders, unknown ones stay, endless ones end", () => {
  const values: Record<string, string> = { a: "<%b%>", b: "x", loop: "%loop%!" };
  expect(fillPlaceholders("%A% %c% 100%", (name) => values[name])).toBe("<x> %c% 100%");
  expect(fillPlaceholders("%loop%", (name) => values[name])).toMatch(/^%loop%!+$/);
});

test.each<[command: string, words: string[]]>([
  [`"/opt/opsi script/run" -a b`, ["/opt/opsi script/run", "-a", "b"]],
  [`-parameter "it's" 'a "b"' x"y z"w`, ["-parameter", "it's", 'a "b"', "xy zw"]],
  [`"a\\"b" "" c`, ['a"b', "", "c"]],
  ["", []],
])("words of %s", (command, words) => {
  expect(splitCommand(command)).toEqual(words);
});
