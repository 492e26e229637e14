import { expect, test } from "vitest";
import { command } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

const example = command({
  name: "test it",
  doc: "A command with every kind of option.",
  examples: ["opsi test it x"],
  options: {
    name: { flags: "--name <text>", doc: "a text" },
    list: { flags: "--list <a,b>", doc: "a list", parse: (text: string) => text.split(",") },
    force: { flags: "-f, --force", doc: "a switch" },
    md5: { flags: "--no-md5", doc: "a negative switch" },
    kind: { flags: "--kind <kind>", doc: "a choice", choices: ["one", "two"], fallback: "one", alias: "--sort-of" },
  },
  arguments: { first: { flags: "<first>", doc: "needed" }, rest: { flags: "[rest...]", doc: "more" } },
  run: async () => undefined,
});

test.each([
  ["x", { name: undefined, list: undefined, force: false, md5: true, kind: "one", first: "x", rest: [] }],
  ["x y z -f", { force: true, first: "x", rest: ["y", "z"] }],
  ["--no-md5 x --list a,b", { md5: false, list: ["a", "b"] }],
  ["x --kind two", { kind: "two" }],
  ["x --sort-of two", { kind: "two" }],
  ["-- -x", { first: "-x" }],
])("%s", (line, values) => {
  const parsed = parseArguments(example, line.split(" "));
  expect(parsed).toMatchObject({ kind: "run", values });
});

test("options of all commands are read as well", () => {
  const parsed = parseArguments(example, ["x", "--attributes", "id, type", "--no-header", "--output-format", "csv"]);
  expect(parsed).toMatchObject({ globals: { attributes: ["id", "type"], header: false, output: "csv", yes: false } });
});

test.each([
  ["", "missing required argument 'first'"],
  ["x --kind three", "argument 'three' is invalid"],
  ["x --nmae y", "unknown option '--nmae'"],
  ["x --name", "argument missing"],
])("wrong usage: %s", (line, message) => {
  const words = line.split(" ").filter((word) => word !== "");
  expect(() => parseArguments(example, words)).toThrow(UsageError);
  expect(() => parseArguments(example, words)).toThrow(message);
});

test("the value of a mistyped option is not repeated", () => {
  for (const value of ["geheim", "g'eh'eim", "eins (Did geheim"]) {
    const parse = () => parseArguments(example, ["x", `--pasword=${value}`]);
    expect(parse).toThrow(/^unknown option '--pasword'/);
    expect(parse).not.toThrow(/eim/);
  }
});
