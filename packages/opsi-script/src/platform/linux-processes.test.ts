import { expect, test } from "vitest";
import { linuxProcesses } from "./linux-processes.ts";
import { sleepMilliseconds } from "./processes.ts";

const run = linuxProcesses.run;

/** Polls until something holds: a program takes its time. */
function eventually(holds: () => boolean): boolean {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (holds()) return true;
    sleepMilliseconds(25);
  }
  return false;
}

test.each([
  ["waiting", {}],
  ["with a time limit", { timeoutSeconds: 20 }],
  ["detached", { detached: true }],
])("a program that cannot be started says so: %s", (_how, options) => {
  for (const program of ["/no/such/program", "no-such-program", ""]) {
    expect(run(program, [], options)).toMatchObject({ started: false, exitCode: -1 });
  }
  expect(run("/bin/true", ["\0"], options)).toMatchObject({ started: false, exitCode: -1 });
});

test("a time limit changes nothing for a program that ends in time", () => {
  const parameters = ["-c", "echo out; echo error >&2; exit 3"];
  const result = { started: true, exitCode: 3, output: "out\nerror\n" };
  expect(run("/bin/sh", parameters)).toEqual(result);
  expect(run("sh", parameters, { timeoutSeconds: 20 })).toEqual(result);
});

test("a program with the name of a shell command is a program", () => {
  expect(run("printf", ["--version"], { timeoutSeconds: 20 }).output).toBe(run("printf", ["--version"]).output);
});

test("of an endless output the beginning is kept", () => {
  const { started, exitCode, output } = run("/bin/sh", ["-c", "printf begin; truncate -s 3G /proc/self/fd/1"]);
  expect([started, exitCode, output.slice(0, 5), output.length]).toEqual([true, 0, "begin", 64 * 1024 * 1024]);
});

test("a program that nobody waited for is no longer in the list when it has ended", () => {
  const seconds = `1.${process.pid}`;
  // a zombie has no command line any more: its name stands in brackets
  const isListed = () => linuxProcesses.list().some(({ line }) => line === `sleep ${seconds}` || line === "[sleep]");
  run("sleep", [seconds], { detached: true });
  expect(eventually(isListed)).toBe(true);
  expect(eventually(() => !isListed())).toBe(true);
});

test("no name of a program is too much to ask for", () => {
  expect(linuxProcesses.which("sh")).toMatch(/\/sh$/);
  expect(linuxProcesses.which("x".repeat(300))).toBe("");
});
