import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { allCommands } from "../packages/cli/src/all-commands.ts";
import { findCommand } from "../packages/cli/src/find-command.ts";
import { parseArguments } from "../packages/cli/src/parse-arguments.ts";
import { withApi } from "../tools/write-api.ts";
import { serverOptions } from "../tools/write-server-options.ts";

const documents = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "products/*.md"]);

test("docs/server-options.md is current (else run npx node tools/write-server-options.ts)", () => {
  expect(readFileSync("docs/server-options.md", "utf8")).toBe(serverOptions);
});

test("docs/api.md is current (else run npx node tools/write-api.ts)", () => {
  const document = readFileSync("docs/api.md", "utf8");
  expect(withApi(document)).toBe(document);
});

test("links between documents lead somewhere", () => {
  expect(documents.length).toBeGreaterThan(5);
  const broken = documents.flatMap((document) => {
    const links = [...readFileSync(document, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
    const targets = links.map(([, target = ""]) => join(dirname(document), target));
    return targets.filter((target) => !existsSync(target)).map((target) => `${document}: ${target}`);
  });
  expect(broken).toEqual([]);
});

/** What documents say to type behind `opsi`, without the comment, pipe or redirection that follows. */
function typedCommands(): [document: string, words: string][] {
  return documents.flatMap((document) => {
    const blocks = readFileSync(document, "utf8").matchAll(/^```\w*\n(.*?)^```$/gms);
    const lines = [...blocks].flatMap(([, block = ""]) => [...block.matchAll(/^(?:npm run opsi -- |opsi )(.+)$/gm)]);
    const commands = lines.map(([, line = ""]) => line.replace(/ +[#|>] .*/, ""));
    const isUsage = (command: string) => /<\w+(\.\.\.)?>|\[\w+(\.\.\.)?\]/.test(command);
    return commands.filter((command) => !isUsage(command)).map((command): [string, string] => [document, command]);
  });
}

const commands = await allCommands();
const typed = typedCommands();

test("many documents say what to type", () => {
  expect(new Set(typed.map(([document]) => document)).size).toBeGreaterThan(3);
  expect(typed.length).toBeGreaterThan(50);
});

test.each(typed)("%s: the command line takes `%s`", (_document, line) => {
  const words = [...line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? "",
  );
  const names = commands.map(({ name }) => name);
  const found = findCommand(words, names);
  expect(found.kind).toMatch(/^(command|help)$/);
  const command = commands.find(({ name }) => found.kind === "command" && name === found.name);
  if (found.kind !== "command" || command === undefined || command.passThrough) return;
  expect(parseArguments(command, found.rest).kind).toMatch(/^(run|help)$/);
});
