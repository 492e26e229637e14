import { expect, test } from "vitest";
import { findCommand } from "./find-command.ts";

const names = ["client list", "client delete", "config get", "config service add", "completion"];

test.each([
  ["client list", { kind: "command", name: "client list", rest: [] }],
  ["client list --help", { kind: "command", name: "client list", rest: ["--help"] }],
  ["--dry-run client delete pc1", { kind: "command", name: "client delete", rest: ["--dry-run", "pc1"] }],
  // "client" is the value of --username here, not the first word of the command
  ["-u client client list -x", { kind: "command", name: "client list", rest: ["-u", "client", "-x"] }],
  ["--output=json client list", { kind: "command", name: "client list", rest: ["--output=json"] }],
  ["--output-format json client list", { kind: "command", name: "client list", rest: ["--output-format", "json"] }],
  ["client --quiet list", { kind: "command", name: "client list", rest: ["--quiet"] }],
  ["config service add u", { kind: "command", name: "config service add", rest: ["u"] }],
  ["completion bash", { kind: "command", name: "completion", rest: ["bash"] }],
  ["--version", { kind: "version" }],
  ["--help", { kind: "help", group: "" }],
  ["client -h", { kind: "help", group: "client" }],
  ["", { kind: "incomplete", group: "" }],
  ["config service", { kind: "incomplete", group: "config service" }],
  ["clint list", { kind: "unknown", words: "clint" }],
  ["--pasword geheim client list", { kind: "unknown option", option: "--pasword" }],
  ["--quiet clint list", { kind: "unknown", words: "clint" }],
  ["client lits", { kind: "unknown", words: "client lits" }],
])("opsi %s", (line, found) => {
  expect(
    findCommand(
      line.split(" ").filter((word) => word !== ""),
      names,
    ),
  ).toEqual(found);
});
