import { expect, test } from "vitest";
import clientList from "./commands/client-list.ts";
import { openContext } from "./context.ts";
import { parseArguments } from "./parse-arguments.ts";
import { testSurroundings } from "./testing/test-surroundings.ts";

test("names and values of packages and services send no commands to the terminal", async () => {
  const surroundings = testSurroundings({ terminal: true });
  const parsed = parseArguments(clientList, ["--dry-run"]);
  if (parsed.kind !== "run") throw new Error(parsed.kind);
  await using context = openContext(parsed.globals, surroundings);
  const hostile = "a\u001b[2J\u009b2J";
  context.say(hostile);
  context.warn(hostile);
  context.mayChange(hostile);
  const answer = context.ask(hostile);
  surroundings.typed.write("yes\r");
  expect(await answer).toBe("yes");
  expect(surroundings.errors().match(/a\\u001b\[2J\\u009b2J/g)).toHaveLength(4);
  expect(surroundings.errors().replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});
