import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { allCommands } from "./all-commands.ts";
import type { Parameter } from "./command.ts";
import { commandIndex } from "./command-index.ts";
import { globalOptions } from "./global-options.ts";
import { parseArguments } from "./parse-arguments.ts";

const commands = await allCommands();

test("the index says what the files say", () => {
  expect(commandIndex.map(({ name, doc }) => ({ name, doc }))).toEqual(
    commands.map(({ name, doc }) => ({ name, doc })),
  );
});

test("every file of a command is in the index, under the name of the command", () => {
  const files = readdirSync(new URL("./commands", import.meta.url)).filter((file) => !file.endsWith(".test.ts"));
  expect(commandIndex.map(({ name }) => `${name.replaceAll(" ", "-")}.ts`).sort()).toEqual(files.sort());
  for (const entry of commandIndex) expect(String(entry.load)).toContain(`/${entry.name.replaceAll(" ", "-")}.ts`);
});

test.each(commands.flatMap((command) => command.examples.map((example) => [example, command] as const)))(
  "the example can be typed: %s",
  (example, command) => {
    if (command.name === "completion" || command.passThrough) return;
    const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    const name = command.name.split(" ");
    expect(words.slice(0, name.length + 1)).toEqual(["opsi", ...name]);
    expect(parseArguments(command, words.slice(name.length + 1)).kind).toBe("run");
  },
);

test("no option of a command has the name of one that all commands have", () => {
  const spellings = ({ flags, alias = "" }: Parameter) => `${flags} ${alias}`.match(/(?<![\w-])--?[\w-]+/g) ?? [];
  const global = new Set(Object.values<Parameter>(globalOptions).flatMap(spellings));
  for (const { name, options = {} } of commands) {
    const own = Object.values(options).flatMap(spellings);
    expect(
      own.filter((spelling) => global.has(spelling) || own.indexOf(spelling) !== own.lastIndexOf(spelling)),
      name,
    ).toEqual([]);
  }
});
