import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LogSettings, openLog } from "./log.ts";
import type { LineStyle } from "./log-line.ts";
import { redacted } from "./redaction.ts";
import { RotatingFile } from "./rotating-file.ts";
import { appended, numbered } from "./set-aside.ts";

const style: LineStyle = {
  subject: "server",
  contextField: "client",
  context: (address) => address,
  contextWidth: 15,
  maxMessage: 200,
  stackLevel: 9,
};

function collect(settings: Partial<LogSettings>) {
  const lines: string[] = [];
  const { log, setFileLevel } = openLog({
    fileLevel: 0,
    stderrLevel: 6,
    file: null,
    style,
    stderr: (line) => lines.push(line),
    ...settings,
  });
  return { log, setFileLevel, lines };
}

function inFolder(check: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "opsi-logging-"));
  try {
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a line has opsi's form: level, time, context, message, fields, subject", () => {
  const { log, lines } = collect({});
  log.child({ subject: "rpc", client: "192.168.1.20" }).notice({ method: "host_getObjects", rows: 3 }, "call answered");
  expect(lines[0]).toMatch(
    /^\[5\] \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[192\.168\.1\.20 {3}\] call answered method=host_getObjects, rows=3 {3}\(rpc\)\n$/,
  );
});

test("what is above the level is not written", () => {
  const { log, lines } = collect({ stderrLevel: 4 });
  log.warning({}, "seen");
  log.notice({}, "not seen");
  expect(lines).toHaveLength(1);
});

test("an error brings its stack", () => {
  const { log, lines } = collect({});
  log.error({ err: new Error("broken pipe") }, "failed");
  expect(lines[0]).toMatch(/failed {3}\(server\)\nError: broken pipe\n\s+at /);
});

test("above the stack level an error brings its message alone", () => {
  const { log, lines } = collect({ style: { ...style, stackLevel: 3 } });
  log.warning({ err: new Error("broken pipe\nand more") }, "failed");
  expect(lines[0]).toMatch(/failed {3}\(server\)\nbroken pipe\n {4}and more\n$/);
});

test("a program has its own context, subject and width", () => {
  const context = (event: string, subject: string) => (event === "" ? subject : `event ${event}`);
  const { log, lines } = collect({
    style: { ...style, subject: "agent", contextField: "event", context, contextWidth: 12 },
  });
  log.notice({ event: "timer", client: "pc1" }, "starts");
  log.child({ subject: "link" }).notice({}, "connected");
  expect(lines.map((line) => line.slice(30))).toEqual([
    "[event timer ] starts client=pc1   (agent)\n",
    "[link        ] connected   (link)\n",
  ]);
});

test("what could be taken for a line or a command of a terminal is escaped", () => {
  const { log, lines } = collect({});
  log.notice({ name: "a\u001b[2Jb" }, "one\ntwo");
  expect(lines[0]).toContain('one\\ntwo name="a\\u001b[2Jb"');
});

test("the level of the file can be raised, also for children, but not beyond the highest level", () => {
  inFolder((folder) => {
    const path = join(folder, "x.log");
    const file = { path, mode: 0o600, folderMode: 0o755, maxBytes: 0, keep: 0, olderName: numbered };
    const { log, setFileLevel } = collect({ file, fileLevel: 4, stderrLevel: 0, highestLevel: 8 });
    const child = log.child({});
    child.info({}, "before");
    setFileLevel(9);
    child.info({}, "after");
    child.secret({}, "too much");
    expect(readFileSync(path, "utf8")).toMatch(/^\S+ \S+ \S+ \[ +\] after {3}\(server\)\n$/);
  });
});

test("secrets are replaced below level 9, written at level 9", () => {
  const { log, lines } = collect({ stderrLevel: 9 });
  const fields = {
    opsiHostKey: "x",
    nested: { password: "geheim" },
    url: "https://u:pw@h/",
    id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  };
  log.info(fields, "session 0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  log.secret(fields, "all");
  expect(lines[0]).not.toMatch(/geheim|:pw@|0f1e2d3c|opsiHostKey=x/);
  expect(lines[1]).toMatch(/geheim.*:pw@.*0f1e2d3c/);
});

test("JSON lines carry opsi's level and no secrets", () => {
  const { log, lines } = collect({ format: "json" });
  log.warning({ password: "geheim", rows: 1 }, "text");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 4, msg: "text", rows: 1, password: "***secret***" });
});

test("long messages are cut", () => {
  const { log, lines } = collect({ style: { ...style, maxMessage: 10 } });
  log.error({}, "0123456789abc");
  expect(lines[0]).toContain(" 0123456789… ");
});

test.each([
  ["Authorization: Basic YWRtaW46YWRtaW4=", "Authorization: Basic ***secret***"],
  ["opsi-script -password geheim -silent", "opsi-script -password ***secret*** -silent"],
  ['/password="geheim"', '/password="***secret***"'],
  ["{'oneTimePassword': 'x'}", "{'oneTimePassword': '***secret***'}"],
  ["https://admin:p@ss@host/rpc", "https://admin:***secret***@host/rpc"],
])("%s", (text, safe) => expect(redacted(text)).toBe(safe));

test("a secret is found at any depth", () => {
  const { log, lines } = collect({ style: { ...style, maxMessage: 1000 } });
  const deep = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner: [inner] }), { password: "geheim" });
  log.info({ deep }, "text");
  expect(lines[0]).toContain("deep={");
  expect(lines[0]).not.toContain("geheim");
});

test("a text of millions of characters is cut, and no secret shows at the cut", () => {
  const { log, lines } = collect({});
  log.info({ err: new Error("a0".repeat(5_000_000)) }, "failed");
  expect(lines[0]?.length).toBeLessThan(1000);
  const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  expect(redacted(`${"-".repeat(99_990)}${key}${"-".repeat(100_000)}`)).toMatch(/^-{99000}…$/);
});

test.each([
  [appended, ["x.log", "x.log.1", "x.log.2"]],
  [numbered, ["x.log", "x_0.log", "x_1.log"]],
])("a full file is set aside, and only so many are kept: %o", (olderName, names) => {
  inFolder((parent) => {
    const folder = join(parent, "deep");
    const settings = { path: join(folder, "x.log"), mode: 0o644, folderMode: 0o770, maxBytes: 10, keep: 2, olderName };
    using file = new RotatingFile(settings);
    for (const word of ["aaaaaaaa\n", "bbbbbbbb\n", "cccccccc\n", "dddddddd\n"]) file.write(word);
    expect(readdirSync(folder).sort()).toEqual(names);
    expect(names.map((name) => readFileSync(join(folder, name), "utf8")[0])).toEqual(["d", "c", "b"]);
  });
});

test("a file that cannot be set aside is written on", () => {
  inFolder((folder) => {
    const path = join(folder, "x.log");
    mkdirSync(join(folder, "x.log.1"));
    using file = new RotatingFile({ path, mode: 0o644, folderMode: 0o770, maxBytes: 10, keep: 1, olderName: appended });
    for (const word of ["aaaaaaaa\n", "bbbbbbbb\n", "cccccccc\n"]) file.write(word);
    expect(readFileSync(path, "utf8")).toBe("aaaaaaaa\nbbbbbbbb\ncccccccc\n");
  });
});

test("a file that cannot be written does not disturb who logs; it is told once, and later lines are written", () => {
  inFolder((parent) => {
    const folder = join(parent, "logs");
    const path = join(folder, "x.log");
    const file = { path, mode: 0o600, folderMode: 0o755, maxBytes: 10, keep: 1, olderName: numbered };
    const { log, lines } = collect({ file, fileLevel: 6, stderrLevel: 0 });
    log.notice({}, "first");
    rmSync(folder, { recursive: true });
    log.notice({}, "lost");
    log.notice({}, "lost");
    mkdirSync(folder);
    log.notice({}, "last");
    expect(lines).toEqual([expect.stringMatching(/^Lines are missing in the log file: Error: ENOENT.*x\.log'\n$/)]);
    expect(readFileSync(path, "utf8")).toMatch(/ last {3}\(server\)\n$/);
  });
});

test("at the start the old file is set aside when that is wanted; with none to keep it goes", () => {
  inFolder((folder) => {
    const settings = { path: join(folder, "x.log"), mode: 0o644, folderMode: 0o770, maxBytes: 0, olderName: appended };
    for (const [keep, rotateAtStart] of [
      [1, false],
      [1, true],
      [0, true],
    ] as const) {
      using file = new RotatingFile({ ...settings, keep, rotateAtStart });
      file.write(`${keep}${rotateAtStart}\n`);
    }
    expect(readdirSync(folder).sort()).toEqual(["x.log", "x.log.1"]);
    expect(readFileSync(settings.path, "utf8")).toBe("0true\n");
    expect(readFileSync(`${settings.path}.1`, "utf8")).toBe("1false\n");
  });
});
