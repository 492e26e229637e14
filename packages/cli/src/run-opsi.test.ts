import { expect, test } from "vitest";
import { runOpsi } from "./run-opsi.ts";
import { testSurroundings } from "./testing/test-surroundings.ts";

async function run(line: string, signal?: AbortSignal) {
  const surroundings = testSurroundings(signal === undefined ? {} : { signal });
  const exitCode = await runOpsi(
    line.split(" ").filter((word) => word !== ""),
    surroundings,
  );
  return { exitCode, out: surroundings.out(), errors: surroundings.errors() };
}

test.each([
  ["--version", 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  ["--help", 0, /client-action set-action-request .*\n[\s\S]*--dry-run/, /^$/],
  ["package --help", 0, /package make [\s\S]*opsi package <command> --help/, /^$/],
  ["package make --help", 0, /--custom-name[\s\S]*Examples:\n {2}opsi package make/, /^$/],
  ["", 2, /^$/, /Usage: opsi <command>/],
  ["package", 2, /^$/, /package install/],
  ["pakage make", 2, /^$/, /There is no command 'pakage'\. Did you mean 'package'\?/],
  ["frobnicate", 2, /^$/, /There is no command 'frobnicate'\n/],
  ["client list --outptu json", 2, /^$/, /unknown option '--outptu' \(Did you mean --output\?\)/],
  ["client list --output yaml", 2, /^$/, /Allowed choices are auto, table, json/],
  // Line ends would make several lines of the one that scripts read, escape sequences worse.
  ["client list --service https://\u001b[2J\nx:y:z", 1, /^$/, /^opsi client list: Bad service address[^\n]*\n$/],
])("opsi %s", async (line, exitCode, out, errors) => {
  const ran = await run(line);
  expect(ran.exitCode).toBe(exitCode);
  expect(ran.out).toMatch(out);
  expect(ran.errors).toMatch(errors);
});

test("who interrupts gets 130", async () => {
  const line = "client list --service https://127.0.0.1:1 -u admin -p x";
  expect(await run(line, AbortSignal.abort(new Error("Ctrl-C")))).toEqual({
    exitCode: 130,
    out: "",
    errors: "Interrupted\n",
  });
});

test("a service that is not there", async () => {
  const { exitCode, errors } = await run("client list --service https://127.0.0.1:1 -u admin -p geheim");
  expect(exitCode).toBe(1);
  expect(errors).toMatch(
    /^opsi client list: Opsi service connection error: https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*\n$/,
  );
  expect(errors).not.toContain("geheim");
});
