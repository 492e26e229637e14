import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ServerCommands, serverCommand } from "./server-commands.ts";

// A comma too many in a command that somebody had typed, and it was gone after the next change of another one.
test("a line that says nothing sensible is told and stays", () => {
  const folder = mkdtempSync(join(tmpdir(), "server-commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "server_commands_custom.conf");
  const broken = '{"menuText": "Mine", "commands": ["a"],}';
  writeFileSync(path, `${broken}\n\n{"menuText": "Old", "commands": ["b"]}\n`);
  const told: string[] = [];
  const commands = new ServerCommands({ configuration: folder, state: folder }, (where) => told.push(where));
  commands.change((all) => all.set("New", serverCommand({ menuText: "New", commands: ["c"] })));
  expect([...commands.read().keys()]).toEqual(["Old", "New"]);
  expect(told).toContain(path);
  expect(readFileSync(path, "utf8").split("\n")[0]).toBe(broken);
});
